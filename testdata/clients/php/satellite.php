<?php
// The xmlrpc extension of PHP as a satellite, served by PHP's own web server: satellite.php URL
require __DIR__ . '/call.php';

[, $url] = $argv;
$command = [PHP_BINARY, '-S', '127.0.0.1:0', __DIR__ . '/door.php'];
$server = proc_open($command, [['file', '/dev/null', 'r'], STDOUT, ['pipe', 'w']], $pipes);
do {
    $line = fgets($pipes[2]);
} while ($line !== false && !preg_match('~\(http://127\.0\.0\.1:(\d+)\) started~', $line, $found));
if ($line === false) {
    exit("the web server of PHP did not start\n");
}
// What the web server logs must be taken off the pipe.
stream_set_blocking($pipes[2], false);
echo 'registered ' . call($url, 'relay.register', ['port' => (int) $found[1], 'nick' => 'php']) . "\n";
do {
    $ready = [STDIN, $pipes[2]];
    $none = null;
    stream_select($ready, $none, $none, null);
    foreach ($ready as $stream) {
        fread($stream, 8192);
    }
} while (!feof(STDIN));
proc_terminate($server);

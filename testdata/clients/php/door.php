<?php
// What the satellite answers: the router of PHP's own web server.

$server = xmlrpc_server_create();
xmlrpc_server_register_method($server, 'ping', fn () => 'OK');
xmlrpc_server_register_method($server, 'notify', function (string $method, array $params): string {
    [$message] = $params;
    file_put_contents('php://stdout', "notify {$message['host_id']} {$message['data']['text']}\n");
    return 'OK';
});
$utf8 = ['encoding' => 'utf-8', 'escaping' => 'markup'];
$answer = xmlrpc_server_call_method($server, file_get_contents('php://input'), null, $utf8);
header('Content-Type: text/xml; charset=utf-8');
header('Content-Length: ' . strlen($answer));
echo $answer;

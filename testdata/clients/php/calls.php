<?php
// The xmlrpc extension of PHP as a client of co2: calls.php URL
require __DIR__ . '/call.php';

function typed(string $value, string $type): object
{
    xmlrpc_set_type($value, $type);
    return $value;
}

function want(bool $good, mixed $got): void
{
    if (!$good) {
        throw new Exception('got ' . json_encode($got, JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_UNESCAPED_UNICODE));
    }
}

function check(string $name, callable $run): void
{
    try {
        $run();
        echo "ok $name\n";
    } catch (Throwable $e) {
        echo "no $name " . preg_replace('/\s+/', ' ', get_class($e) . ': ' . $e->getMessage()) . "\n";
    }
}

$octets = implode('', array_map('chr', range(0, 255)));
$values = [
    'int' => [2147483647],
    'negative' => [-2147483648],
    'i8' => 'writes the low 32 bits of an integer and reads <i8> as null',
    'boolean' => [true, false],
    'string' => ['hello'],
    'markup' => ['a<b>&"c\'', ']]>'],
    'unicode' => ['é 日本'],
    'astral' => ['😀'],
    'empty-string' => [''],
    'spaces' => ["  a\nb  "],
    'double' => [0.1, -1234.0625],
    'datetime' => [typed('19980717T14:08:55', 'datetime')],
    'base64' => [typed($octets, 'base64')],
    'array' => [[1, 'two', true]],
    'empty-array' => [[]],
    'struct' => [['one' => 1, 'two' => 'zwei']],
    'empty-struct' => 'writes an empty object as an empty array',
    'nested' => [['list' => [['deep' => [1, [2, []]]], 'x'], 'struct' => ['inner' => ['n' => -1]]]],
    'nil' => 'writes null as an empty string',
];

[, $url] = $argv;
echo 'version xmlrpc ' . phpversion('xmlrpc') . ' on PHP ' . PHP_VERSION . "\n";
foreach ($values as $name => $list) {
    if (is_string($list)) {
        echo "na $name $list\n";
        continue;
    }
    check($name, function () use ($url, $list) {
        foreach ($list as $value) {
            $got = call($url, 'test', $value);
            want(is_object($value) ? $got == $value : $got === $value, $got);
        }
    });
}
check('list', function () use ($url) {
    $names = call($url, 'system.listMethods');
    want(in_array('relay.register', $names, true) && in_array('ping', $names, true), $names);
});
check('fault', function () use ($url) {
    try {
        call($url, 'no.such');
    } catch (Fault $fault) {
        want($fault->getCode() === -32601, $fault->getCode());
        return;
    }
    throw new Exception('no fault');
});
check('multicall', function () use ($url) {
    $batch = [
        ['methodName' => 'ping', 'params' => []],
        ['methodName' => 'test', 'params' => ['x']],
        ['methodName' => 'no.such', 'params' => []],
    ];
    $got = call($url, 'system.multicall', $batch);
    want(count($got) === 3 && $got[0] === ['OK'] && $got[1] === ['x'], $got);
    want(xmlrpc_is_fault($got[2]) && $got[2]['faultCode'] === -32601, $got);
});

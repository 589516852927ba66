<?php
// One call by the xmlrpc extension of PHP, which leaves HTTP to PHP's streams.

class Fault extends Exception {}

function call(string $url, string $method, mixed ...$params): mixed
{
    $request = xmlrpc_encode_request($method, $params, ['encoding' => 'utf-8', 'escaping' => 'markup']);
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => 'Content-Type: text/xml',
        'content' => $request,
    ]]);
    $result = xmlrpc_decode(file_get_contents($url, false, $context), 'utf-8');
    if (is_array($result) && xmlrpc_is_fault($result)) {
        throw new Fault($result['faultString'], $result['faultCode']);
    }
    return $result;
}

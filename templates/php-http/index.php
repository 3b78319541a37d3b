<?php
// An HTTP function: PHP's own server calls this file for every request.
header('Content-Type: application/json');
echo json_encode([
    'hello' => $_GET['name'] ?? 'world',
    'path' => parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH),
    'requestId' => $_SERVER['HTTP_X_CFF_REQUEST_ID'] ?? null,
]);

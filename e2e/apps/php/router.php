<?php
// PHP's built-in server: the contract that every application here answers, in plain PHP.

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

// Every error becomes a page, not a warning within one.
set_exception_handler(function (Throwable $cause): void {
    error_log($cause->getMessage());
    http_response_code(500);
    header('Content-Type: text/html; charset=utf-8');
    echo '<!doctype html><title>Error</title><h1>PHP: ', htmlspecialchars($cause->getMessage()), '</h1>';
});

function answer(array $value): void
{
    header('Content-Type: application/json');
    echo json_encode($value, JSON_UNESCAPED_SLASHES);
}

/** Byte i is i mod 251; blocks are a multiple of that, so each is the same. */
function content(int $left): void
{
    $block = str_repeat(implode('', array_map('chr', range(0, 250))), 256);
    for (; $left > 0; $left -= strlen($block)) {
        echo $left < strlen($block) ? substr($block, 0, $left) : $block;
        flush();
    }
}

function received_headers(): array
{
    $headers = array_change_key_case(getallheaders(), CASE_LOWER);
    return array_filter($headers, fn ($name) => str_starts_with($name, 'x-cff-'), ARRAY_FILTER_USE_KEY);
}

switch ("{$_SERVER['REQUEST_METHOD']} $path") {
    case 'GET /':
        echo '<!doctype html><title>PHP</title><h1>Hello from PHP ', PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION, '</h1>';
        break;
    case 'GET /json':
        answer([
            'method' => $_SERVER['REQUEST_METHOD'],
            'path' => $path,
            'query' => (object) $_GET,
            'headers' => (object) received_headers(),
        ]);
        break;
    case 'POST /upload':
        $body = fopen('php://input', 'rb');
        $hash = hash_init('sha256');
        $bytes = hash_update_stream($hash, $body);
        answer(['bytes' => $bytes, 'sha256' => hash_final($hash)]);
        break;
    case 'GET /download':
        header('Content-Type: application/octet-stream');
        content((int) ($_GET['bytes'] ?? 0));
        break;
    case 'GET /error':
        throw new RuntimeException('this page fails on purpose');
    case 'GET /version':
        header('Content-Type: text/plain; charset=utf-8');
        echo getenv('APP_VERSION');
        break;
    case 'GET /slow':
        usleep(1000 * (int) ($_GET['ms'] ?? 0));
        answer(['ms' => (int) ($_GET['ms'] ?? 0)]);
        break;
    default:
        http_response_code(404);
        echo 'not found';
}

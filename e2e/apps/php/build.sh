#!/usr/bin/env bash
# PHP's built-in server on PHP 8.2, as Debian has it.
source "$(dirname "$0")/../lib.sh"
install_missing php=php-cli
copy bootstrap router.php
php -l "$out/router.php" >/dev/null
echo "$app: $out"

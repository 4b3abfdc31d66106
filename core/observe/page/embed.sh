#!/bin/sh
# embed.sh NAME FILE...
# Prints the files, one behind the other, as the C array NAME, and as NAME_hash their SHA-256 in the
# form of Content-Security-Policy: with od, sed, awk and sha256sum alone.
set -eu
name=$1
shift

printf 'static const unsigned char %s[] = {\n' "$name"
cat "$@" | od -An -v -tx1 | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g'
printf '};\n'

# Two letters of base64 stand for three hexadecimal digits.
hash=$(cat "$@" | sha256sum | ${AWK:-awk} '{
  letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  digits = "0123456789abcdef"
  hex = substr ($1, 1, 64) "00"
  for (i = 1; i <= 66; i += 3)
    {
      n = 0
      for (j = i; j < i + 3; j++)
        n = n * 16 + index (digits, substr (hex, j, 1)) - 1
      text = text substr (letters, int (n / 64) + 1, 1) substr (letters, n % 64 + 1, 1)
    }
  print substr (text, 1, 43) "="
}')
printf 'static const char %s_hash[] = "sha256-%s";\n' "$name" "$hash"

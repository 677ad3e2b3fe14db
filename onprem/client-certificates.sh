#!/bin/sh
# Makes what the proxy needs to ask browsers for certificates of the company (docs/on-prem.md):
#
#   client-certificates.sh <folder> <authorities.pem> [<revocation list>…]
#
# Lists are PEM or DER, signed by one of the authorities, and not expired. Caddy itself reads none, so they become rules that
# refuse the serial numbers on them. Nothing is changed when something is wrong.
set -eu
[ $# -ge 2 ] || { echo "usage: $0 <folder> <authorities.pem> [<revocation list>...]" >&2; exit 2; }
folder=$1 authorities=$2
shift 2
openssl x509 -in "$authorities" -noout || { echo "$authorities holds no certificate" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Caddy gives serial numbers in decimal; they are longer than a shell can count.
to_decimal() {
  awk '{
    n = 1; d[1] = 0
    for (i = 1; i <= length($0); i++) {
      c = index("0123456789ABCDEF", substr($0, i, 1)) - 1
      for (j = 1; j <= n; j++) { c += d[j] * 16; d[j] = c % 10; c = int(c / 10) }
      while (c > 0) { d[++n] = c % 10; c = int(c / 10) }
    }
    for (j = n; j >= 1; j--) printf "%d", d[j]
    print ""
  }'
}

: > "$work/serials"
for list in "$@"; do
  form=PEM
  grep -q -e '-----BEGIN X509 CRL-----' "$list" || form=DER
  openssl crl -inform $form -in "$list" -CAfile "$authorities" -noout -verify 2>"$work/said" ||
    { echo "$list is not signed by one of the authorities: $(cat "$work/said")" >&2; exit 1; }
  grep -q 'verify OK' "$work/said" ||
    { echo "$list is not signed by one of the authorities: $(cat "$work/said")" >&2; exit 1; }
  ends=$(openssl crl -inform $form -in "$list" -noout -nextupdate | sed 's/^nextUpdate=//')
  if [ "$ends" != NONE ] && [ "$(date -d "$ends" +%s)" -lt "$(date +%s)" ]; then
    echo "$list expired at $ends" >&2
    exit 1
  fi
  openssl crl -inform $form -in "$list" -noout -text | sed -n 's/^ *Serial Number: *\([0-9A-F]*\)$/\1/p' | to_decimal >> "$work/serials"
done

cp "$authorities" "$work/authorities.pem"
cat > "$work/require.tls" <<'END'
client_auth {
	mode require_and_verify
	trusted_ca_cert_file /etc/caddy/client-certificates/authorities.pem
}
END
if [ -s "$work/serials" ]; then
  {
    # not `expression`, which finds a number where the list has texts
    echo "@revoked vars {http.request.tls.client.serial} $(sort -u "$work/serials" | paste -s -d ' ' -)"
    echo 'respond @revoked "This certificate was revoked." 403'
  } > "$work/refuse.site"
fi
install -d -m 755 "$folder"
rm -f "$folder/refuse.site"
for file in "$work/authorities.pem" "$work/require.tls" "$work/refuse.site"; do
  [ ! -e "$file" ] || install -m 444 "$file" "$folder/"
done
echo "$(sort -u "$work/serials" | wc -l) revoked certificates"

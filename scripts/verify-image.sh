#!/bin/sh
# Verifies that an image was signed by a signing profile of AWS Signer, with notation (docs/image.md):
#
#   verify-image.sh <repository> <digest> <the profile's ARN>
#
# Installs notation with AWS's plug-in and root certificate where it is missing (Debian, Ubuntu). The registry signs within
# seconds of the push, so this tries for a minute.
set -eu
repository=$1 digest=$2 profile=$3

if ! command -v notation >/dev/null; then
  package=$(mktemp --suffix .deb)
  curl -sSf -o "$package" "https://d2hvyiie56hcat.cloudfront.net/linux/$(dpkg --print-architecture)/installer/deb/latest/aws-signer-notation-cli_$(dpkg --print-architecture).deb"
  sudo dpkg --install "$package"
fi

policy=$(mktemp)
cat > "$policy" <<END
{ "version": "1.0", "trustPolicies": [{ "name": "paperlift", "registryScopes": ["$repository"],
  "signatureVerification": { "level": "strict" }, "trustStores": ["signingAuthority:aws-signer-ts"],
  "trustedIdentities": ["$profile"] }] }
END
notation policy import --force "$policy"
for try in 1 2 3 4 5 6 7 8 9 10 11 12; do
  notation verify "$repository@$digest" && exit 0
  [ "$try" = 12 ] || sleep 5
done
echo "$repository@$digest has no signature of $profile: it is not deployed" >&2
exit 1

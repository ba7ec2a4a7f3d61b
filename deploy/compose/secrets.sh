#!/bin/sh
# Makes the certificates, tokens and passwords of compose.yaml in ./secrets; what is there already is kept.
#   deploy/compose/secrets.sh [FOLDER [NAME...]]    NAME: what else clients call this machine
# It needs openssl alone. The folder is for its owner; its files can be read by all, since each container that has one
# mounted runs as a user of its own.
set -eu
umask 022
folder=${1:-$(dirname "$0")/secrets}
[ $# -eq 0 ] || shift
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"

new_key() {
    openssl ecparam -name prime256v1 -genkey -noout -out "$1"
}

# Certificate, key, and the names of who shows it.
new_certificate() {
    certificate=$1 key=$2 common=$3
    shift 2
    names="DNS:localhost,IP:127.0.0.1"
    for name in "$@"; do names="$names,DNS:$name"; done
    new_key "$key"
    chmod 644 "$key"
    printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' "$names" >extensions
    openssl req -new -key "$key" -subj "/CN=$common" -out request
    openssl x509 -req -in request -sha256 -days 397 -CA ca.crt -CAkey ca.key -CAcreateserial \
        -extfile extensions -out "$certificate" 2>/dev/null
    rm extensions request
}

# Whose it is and what for: the token itself into a file of the client, its hash into the file of the server.
new_token() {
    [ ! -e "$1.token" ] || return 0
    secret=$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n')
    hash=$(printf %s "$secret" | openssl dgst -sha256 -r | cut -d ' ' -f 1)
    printf 'sha256:%s %s %s\n' "$hash" "$2" "$1" >>tokens
    printf '%s\n' "$secret" >"$1.token"
}

if [ ! -e ca.crt ]; then
    new_key ca.key
    openssl req -x509 -new -key ca.key -sha256 -days 3650 -subj "/CN=NodeLens authority" \
        -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign" -out ca.crt
fi

[ -e tls.crt ] || new_certificate tls.crt tls.key nodelens "$@"
if [ ! -e orthanc.pem ]; then
    new_certificate orthanc.crt orthanc.key orthanc "$@"
    cat orthanc.crt orthanc.key >orthanc.pem
    rm orthanc.crt orthanc.key
fi

new_token bridge score
new_token reader score,review

[ -e grafana.password ] || openssl rand -hex 24 >grafana.password
if [ ! -e orthanc.credentials ]; then
    password=$(openssl rand -hex 24)
    printf 'nodelens:%s\n' "$password" >orthanc.credentials
    printf '{"RegisteredUsers": {"nodelens": "%s"}}\n' "$password" >orthanc.json
fi

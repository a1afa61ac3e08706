#!/usr/bin/env bash
# Tag a release whose action.yml names its image by digest: a consumer's pin of the action then pins the image too.
# Usage: tag_release.sh VERSION IMAGE@DIGEST, with TOKEN in the environment.
set -euo pipefail
version=$1 image=$2
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ && $image =~ ^[a-z0-9./_-]+@sha256:[0-9a-f]{64}$ ]]
sed -i "s|^  image: Dockerfile\$|  image: docker://$image|" action.yml
grep -q "docker://$image" action.yml
git -c user.name=github-actions -c user.email=41898282+github-actions[bot]@users.noreply.github.com \
  commit --quiet --message "Release $version" action.yml
git tag "v$version"
git tag --force "v${version%%.*}"
credentials=$(printf 'x-access-token:%s' "$TOKEN" | base64 --wrap=0)
push() { git -c "http.extraheader=AUTHORIZATION: basic $credentials" push --quiet "$@"; }
push origin "refs/tags/v$version"
push --force origin "refs/tags/v${version%%.*}"

#!/bin/sh
# As the image's own: environment variables with a dot in their names are settings.
set -eu
mkdir -p /tmp/opensearch/config
# shellcheck disable=SC2046,SC2086 # each is a word
exec java $OPENSEARCH_JAVA_OPTS -cp '/usr/share/opensearch/lib/*' /usr/share/opensearch/SearchNode.java \
  path.home=/tmp/opensearch path.data=/usr/share/opensearch/data network.host=0.0.0.0 http.port=9200 \
  $(env | grep -E '^[a-z_]+\.[a-z_.]+=')

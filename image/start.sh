#!/bin/sh
# The container's entry point: one word says what runs. The tables in words/ hold a word, how it runs, and what (docs/image.md).
set -eu

home=${0%/*}
asked=${1-}
known=
program=
for table in "$home"/words/*; do
  while read -r word how what; do
    known="$known $word"
    if [ "$word" = "$asked" ]; then
      runner=$how
      program=$what
    fi
  done <"$table"
done

# 64 is EX_USAGE of sysexits.h: starting it again will not help.
refuse() {
  printf 'paperlift: %s\nOne of these words says what to run:%s\n' "$1" "$known" >&2
  exit 64
}

[ $# -gt 0 ] || refuse 'no word was given.'
[ -n "$program" ] || refuse "there is no \"$asked\"."
shift
[ $# -eq 0 ] || [ "$runner" = node-with-words ] || refuse "\"$asked\" takes nothing after it: $*"

cd "$home"
if [ "$runner" = lambda ]; then
  [ -n "${AWS_LAMBDA_RUNTIME_API-}" ] || refuse "\"$asked\" runs on AWS Lambda only, and AWS_LAMBDA_RUNTIME_API is not set."
  # Lambda reaps and signals by itself, and may refuse the calls that an init process makes.
  export LAMBDA_TASK_ROOT="$home" _HANDLER="$program"
  exec node "$home/runtime-interface-client/index.mjs"
fi
[ -z "${AWS_LAMBDA_RUNTIME_API-}" ] || refuse "\"$asked\" does not run on AWS Lambda: give a word that begins with lambda-."
# The first process has to reap what a killed browser leaves behind; where there is an init already, it does.
if [ $$ -eq 1 ]; then
  exec tini -- node "$home/$program" "$@"
fi
exec node "$home/$program" "$@"

#!/bin/sh
# Copies the books of tieout while everything goes on: the database first, then the archive of bank files, which only grows. So the
# archive of a backup holds at least what its database knows.
#
#   backup.sh FOLDER      with STORE=postgres://… (password in PGPASSWORD or ~/.pgpass), or STORE=sqlite and TIEOUT_CONFIG;
#                         ARCHIVE is the archive's folder
set -eu
folder=${1:?the folder to write the backup to}
: "${STORE:?postgres://… or sqlite}" "${ARCHIVE:?folder of the archive}"
umask 077
mkdir -p "$folder/archive"
case $STORE in
postgres://* | postgresql://*)
	pg_dump --format=custom --file "$folder/database.dump.new" "$STORE"
	pg_restore --list "$folder/database.dump.new" >/dev/null
	mv "$folder/database.dump.new" "$folder/database.dump"
	;;
sqlite*)
	rm -f "$folder/tieout.db.new"
	"${TIEOUT:-tieout}" backup "$folder/tieout.db.new" --quiet
	mv "$folder/tieout.db.new" "$folder/tieout.db"
	;;
*)
	echo "STORE is neither postgres:// nor sqlite" >&2
	exit 2
	;;
esac
date -u +%Y-%m-%dT%H:%M:%SZ >"$folder/taken"
cp -Rn "$ARCHIVE/." "$folder/archive/" 2>/dev/null || cp -R "$ARCHIVE/." "$folder/archive/"

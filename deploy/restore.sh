#!/bin/sh
# Brings the database of a backup back, and then every bank file that was archived after it: the books come to where they were, but
# for what people decided since. Stop worker and desk first.
#
#   restore.sh FOLDER     with STORE=postgres://… or STORE=sqlite and DATABASE (the file); ARCHIVE is today's archive, which stays
#                         (or that of the backup, copied back); TIEOUT_CONFIG names the configuration
set -eu
folder=${1:?the folder of the backup}
: "${STORE:?postgres://… or sqlite}" "${ARCHIVE:?folder of the archive}"
tieout=${TIEOUT:-tieout}
case $STORE in
postgres://* | postgresql://*)
	pg_restore --clean --if-exists --no-owner --single-transaction --dbname "$STORE" "$folder/database.dump"
	;;
sqlite*)
	: "${DATABASE:?the database file}"
	rm -f "$DATABASE-wal" "$DATABASE-shm"
	cp "$folder/tieout.db" "$DATABASE.new"
	mv "$DATABASE.new" "$DATABASE"
	;;
esac
"$tieout" migrate --quiet
# Files archived since the backup was taken, oldest first. One that the database knows already changes nothing.
find "$ARCHIVE" -type f ! -name '.*' -newer "$folder/taken" -exec ls -tr {} + | while IFS= read -r blob; do
	code=0
	"$tieout" ingest "$blob" --quiet || code=$?
	[ "$code" -le 1 ] || exit "$code" # 1: held or refused, as it was then
done
"$tieout" match --quiet
"$tieout" verify --quiet

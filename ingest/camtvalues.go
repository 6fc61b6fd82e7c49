package ingest

import (
	"math"

	"github.com/tieout/tieout/recon"
)

// parseCamtAmount reads the amount of an ISO 20022 element (digits, at most one '.', 18 digits and 5
// decimals) into minor units with so many decimals. code is "" or the code of what is wrong.
func parseCamtAmount(t []byte, exponent int) (minor int64, code string) {
	if len(t) > 0 && t[0] == '-' {
		return 0, "CAMT-AMT-SIGN"
	}
	digits, decimals, point, any := 0, 0, false, false
	fine := false
	for _, c := range t {
		switch {
		case c == '.' && !point:
			point = true
			continue
		case c < '0' || c > '9':
			return 0, "CAMT-AMT-FORMAT"
		}
		any = true
		if point {
			decimals++
		}
		if decimals > exponent {
			fine = fine || c != '0'
			continue
		}
		if minor > 0 || c != '0' {
			digits++
		}
		if minor > (math.MaxInt64-int64(c-'0'))/10 {
			return 0, "CAMT-AMT-RANGE"
		}
		minor = minor*10 + int64(c-'0')
	}
	for d := decimals; d < exponent; d++ {
		if minor > math.MaxInt64/10 {
			return 0, "CAMT-AMT-RANGE"
		}
		minor *= 10
	}
	switch {
	case !any:
		return 0, "CAMT-AMT-FORMAT"
	case digits > 18:
		return 0, "CAMT-AMT-RANGE"
	case fine && decimals > 5:
		return 0, "CAMT-AMT-FORMAT"
	case fine:
		return 0, "CAMT-AMT-EXPONENT"
	}
	return minor, ""
}

// parseCamtDate reads an ISO date or the date part of a date and time, as the bank wrote it: the zone,
// where there is one, never moves the day.
func parseCamtDate(t []byte) (recon.Date, bool) {
	if len(t) > 10 && t[10] != 'T' && t[10] != ' ' && t[10] != 'Z' && t[10] != '+' && t[10] != '-' {
		return 0, false
	}
	if len(t) < 10 || t[4] != '-' || t[7] != '-' {
		return 0, false
	}
	n := 0
	for i, c := range t[:10] {
		if i == 4 || i == 7 {
			continue
		}
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	month, day := n/100%100, n%100
	if n >= 10000 && month >= 1 && month <= 12 && day >= 1 && day <= 28 {
		return recon.Date(n), true
	}
	return recon.NewDate(n/10000, month, day)
}

// parseIndicator reads CdtDbtInd as a sign.
func parseIndicator(t []byte) (int64, bool) {
	switch string(t) {
	case "CRDT":
		return 1, true
	case "DBIT":
		return -1, true
	}
	return 0, false
}

// parseBoolean reads an xs:boolean.
func parseBoolean(t []byte) (value, ok bool) {
	switch string(t) {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}

// parseStatus reads the status of an entry; none counts as booked.
func parseStatus(t []byte) (recon.EntryStatus, bool) {
	switch string(t) {
	case "BOOK", "":
		return recon.Booked, true
	case "PDNG":
		return recon.Pending, true
	case "INFO":
		return recon.Info, true
	case "FUTR":
		return recon.Future, true
	}
	return "", false
}

package worker

import "github.com/tieout/tieout/recon"

// Expected is a statement that should be there every banking day.
type Expected struct {
	Account  string // id
	Calendar string // target2, weekdays, daily
	By       string // HH:MM, from when on it is missing
}

// bankingDay reports whether banks book on a day. TARGET2 is closed on weekends, New Year's Day, Good Friday, Easter Monday, 1 May, and the
// two days of Christmas.
func bankingDay(calendar string, day recon.Date) bool {
	switch weekday := day.Time().Weekday(); {
	case calendar == "daily":
		return true
	case weekday == 0 || weekday == 6:
		return false
	case calendar != "target2":
		return true
	}
	switch day % 10000 {
	case 101, 501, 1225, 1226:
		return false
	}
	easter := easterSunday(int(day) / 10000)
	return day != easter.AddDays(-2) && day != easter.AddDays(1)
}

// easterSunday is the day of Easter of a year by the Gregorian computus.
func easterSunday(year int) recon.Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	day, _ := recon.NewDate(year, month, (h+l-7*m+33*month+19)%32)
	return day
}

// dueStatement is the last day for which a statement should be there on a day, at a time of it written as HH:MM: that of a banking day is
// due on the next one.
func (e Expected) dueStatement(today recon.Date, clock string) recon.Date {
	if !bankingDay(e.Calendar, today) || clock < e.By {
		today = e.dayBefore(today)
	}
	return e.dayBefore(today)
}

// dayBefore is the banking day before a day.
func (e Expected) dayBefore(day recon.Date) recon.Date {
	for day = day.AddDays(-1); !bankingDay(e.Calendar, day); {
		day = day.AddDays(-1)
	}
	return day
}

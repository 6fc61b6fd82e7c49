package books

import "github.com/tieout/tieout/recon"

// InstalmentState says how a line of a payment plan stands: open, in part, paid, cleared (paid, and the bank has shown the money), or void.
func InstalmentState(line recon.Instalment) string {
	switch {
	case line.Void:
		return "void"
	case line.Cleared:
		return "cleared"
	case line.PaidOn != 0:
		return "paid"
	case line.PaidMinor > 0:
		return "in part"
	}
	return "open"
}

package books

import (
	"cmp"
	"strconv"

	"github.com/tieout/tieout/recon"
)

// pocket says what kind of money stands on an account, whatever the ledger calls it.
type pocket uint8

const (
	elsewhere pocket = iota
	bankMoney
	itemMoney
	suspense
	unapplied
	onAccount
	advances
	inTransit
	asideMoney  // receipts that a rule or a person put on another account
	returnsWait // returns of which nobody knows which receipt they take back
	returnFees
)

// posting is a line with its transaction and the pocket it moves. Transaction and Text are written where somebody reads them.
type posting struct {
	Posting
	key    transactionKey
	words  [3]string
	pocket pocket
	close  recon.Date // of a line that was frozen: until when its period goes
}

// named is the line as others see it.
func (p *posting) named() Posting {
	line := p.Posting
	line.Transaction = p.key.name()
	for _, word := range p.words {
		if line.Text != "" && word != "" {
			line.Text += " "
		}
		line.Text += word
	}
	return line
}

// phase is a part of the journal, in the order in which they are derived.
type phase uint8

const (
	itemPhase phase = iota
	entryPhase
	handPhase
	otherPhase
	openingPhase
)

// transactionKey names a transaction. Within a derivation transactions ascend by phase, owner and effect.
type transactionKey struct {
	phase   phase
	owner   int64  // item, entry, payment by hand or application; 0 of an opening
	effect  int64  // of an item how often its amount changed; else the application that is a transaction of its own, 0 for none
	account string // of an opening
}

func (k transactionKey) compare(other transactionKey) int {
	return cmp.Or(cmp.Compare(k.phase, other.phase), cmp.Compare(k.owner, other.owner), cmp.Compare(k.effect, other.effect), cmp.Compare(k.account, other.account))
}

func (k transactionKey) name() string {
	switch {
	case k.phase == openingPhase:
		return "O" + k.account
	case k.phase == itemPhase && k.effect > 0:
		return "I" + strconv.FormatInt(k.owner, 10) + "." + strconv.FormatInt(k.effect, 10)
	case k.phase == itemPhase:
		return "I" + strconv.FormatInt(k.owner, 10)
	case k.effect > 0:
		return "A" + strconv.FormatInt(k.effect, 10)
	case k.phase == handPhase:
		return "H" + strconv.FormatInt(k.owner, 10)
	}
	return "E" + strconv.FormatInt(k.owner, 10)
}

package recon

// TruthRow is one row of a truth file: what an expert decides about a receipt, or about one item that it pays.
type TruthRow struct {
	Row           int // line of the file on which the row begins, counted from 1
	BankReference string
	Apply         bool        // else the receipt is queued
	Item          string      // "" where money stands on account or waits for an order
	AppliedText   string      // a plain decimal, money plus credit notes; negative where a return takes it back
	Answer        []TruthLine // of a queued receipt, what a person would decide; nil where the truth names none
	Family        string      // kind of situation, "" where the file does not say
}

// TruthLine is an amount of an item. [ParseMinor] reads it in the currency of the receipt.
type TruthLine struct {
	Item, AmountText string
}

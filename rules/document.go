package rules

import "github.com/tieout/tieout/recon/strict"

// The layout of rules.yaml. Values stay as they are written until a check has looked at them.

type text = strict.Scalar

type document struct {
	Differences map[text]differenceDoc `yaml:"differences"`
	Ledger      *ledgerDoc             `yaml:"ledger"`
	Discount    struct {
		GraceDays text `yaml:"grace_days"`
	} `yaml:"discount"`
	WithheldTax struct {
		Percents []text `yaml:"percents"`
	} `yaml:"withheld_tax"`
	References struct {
		MinKey  text   `yaml:"min_key"`
		Schemes []text `yaml:"schemes"`
	} `yaml:"references"`
	Thresholds struct {
		Apply   text `yaml:"apply"`
		Margin  text `yaml:"margin"`
		Propose text `yaml:"propose"`
	} `yaml:"thresholds"`
	Lump      text                 `yaml:"lump"`
	Customers map[text]text        `yaml:"customers"`
	Classes   []classDoc           `yaml:"classes"`
	Phrases   phrasesDoc           `yaml:"phrases"`
	FourEyes  map[text]fourEyesDoc `yaml:"four_eyes"`
	Clearing  struct {
		Days text `yaml:"days"`
	} `yaml:"clearing"`
	Learning struct {
		Account text `yaml:"account"`
		Name    text `yaml:"name"`
	} `yaml:"learning"`
}

type differenceDoc struct {
	Max     text `yaml:"max"`
	Percent text `yaml:"percent"`
	Cap     text `yaml:"cap"`
	Per     text `yaml:"per"`
	Charge  text `yaml:"charge"`
}

type ledgerDoc struct {
	Receivables text `yaml:"receivables"`
	Payables    text `yaml:"payables"`
	WriteOffs   text `yaml:"write_offs"`
	Adjustments text `yaml:"adjustments"`
	Gains       text `yaml:"gains"`
	Discounts   text `yaml:"discounts"`
	Tax         text `yaml:"tax"`
	Charges     text `yaml:"charges"`
	WithheldTax text `yaml:"withheld_tax"`
	Exchange    text `yaml:"exchange"`
	Suspense    text `yaml:"suspense"`
	Unapplied   text `yaml:"unapplied"`
	OnAccount   text `yaml:"on_account"`
	Advances    text `yaml:"advances"`
	Opening     text `yaml:"opening"`
	InTransit   text `yaml:"in_transit"`
	Transfers   text `yaml:"transfers"`
}

type classDoc struct {
	Name         text `yaml:"name"`
	Class        text `yaml:"class"`
	Sign         text `yaml:"sign"`
	BankCode     text `yaml:"bank_code"`
	Text         text `yaml:"text"`
	Counterparty text `yaml:"counterparty"`
	Account      text `yaml:"account"`
	Ledger       text `yaml:"ledger"`
}

type phrasesDoc struct {
	Dispute    []text `yaml:"dispute"`
	Deduction  []text `yaml:"deduction"`
	Instalment []text `yaml:"instalment"`
	OnAccount  []text `yaml:"on_account"`
	Prepayment []text `yaml:"prepayment"`
	Remainder  []text `yaml:"remainder"`
}

type fourEyesDoc struct {
	WriteOff   text `yaml:"write_off"`
	Adjustment text `yaml:"adjustment"`
}

package ingest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Exports of banks far away, in their own scripts and encodings: amounts, days and texts come out right without a profile.
func TestExportsInOtherScripts(t *testing.T) {
	for _, c := range []struct {
		what, file string
		in         encoding.Encoding
		want       string
	}{
		{"Japanese", "\"日付\",\"摘要\",\"支払い金額\",\"預かり金額\",\"差引残高\"\n\"2026/3/2\",\"ヤマダ\",\"\",\"27,000\",\"127,000\"\n\"2026/3/13\",\"手数料\",\"440\",\"\",\"126,560\"\n\"2026/3/20\",\"スズキ\",\"\",\"1,000\",\"127,560\"\n",
			japanese.ShiftJIS, "2026-03-02 27000.00 ヤマダ, 2026-03-13 -440.00 手数料, 2026-03-20 1000.00 スズキ"},
		{"Chinese", "交易日期,摘要,交易金额(收入),交易金额(支出),余额\n2026-03-05,转账,\"1,500.00\",,\"5,500.00\"\n2026-03-15,手续费,,10.00,\"5,490.00\"\n", simplifiedchinese.GB18030,
			"2026-03-05 1500.00 转账, 2026-03-15 -10.00 手续费"},
		{"Russian", "Дата операции;Сумма операции;Валюта операции;Описание\n05.03.2026;1500,00;RUB;ООО АКМЕ\n25.03.2026;-10,00;RUB;Комиссия\n", charmap.Windows1251,
			"2026-03-05 1500.00 ООО АКМЕ, 2026-03-25 -10.00 Комиссия"},
		{"names filled up with blanks", "Date     ,Narration" + strings.Repeat(" ", 110) + ",Value Dat,Debit Amount       ,Credit Amount      ,Closing Balance\n 05/03/26  ,ACME" +
			strings.Repeat(" ", 60) + ",05/03/26 ,           0.00  ,     125000.00 ,          325000.00 \n 15/03/26  ,CHARGES  ,15/03/26 ,          59.00  ,          0.00 ,          324941.00 \n",
			encoding.Nop, "2026-03-05 125000.00 ACME, 2026-03-15 -59.00 CHARGES"},
	} {
		raw, err := c.in.NewEncoder().Bytes([]byte(c.file))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := Read("export.csv", bytes.NewReader(raw), Options{})
		if err != nil || len(doc.Statements) != 1 {
			t.Fatalf("%s: %v %v", c.what, err, doc.Problems)
		}
		var rows []string
		for _, e := range doc.Statements[0].Entries {
			rows = append(rows, fmt.Sprintf("%s %d.%02d %s", e.Booked, e.AmountMinor/100, max(e.AmountMinor, -e.AmountMinor)%100, e.Text))
		}
		if got := strings.Join(rows, ", "); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.what, got, c.want)
		}
	}
}

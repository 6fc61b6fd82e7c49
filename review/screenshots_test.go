package review_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tieout/tieout/store"
)

// TestPicturesOfTheDesk shows the queue and a case as the README does: make screenshots keeps the pictures.
func TestPicturesOfTheDesk(t *testing.T) {
	d := movingDesk(t)
	s := d.screen()
	s.signsIn(store.Approver)
	s.does(chromedp.EmulateViewport(1360, 860), scheme(false))
	folder := os.Getenv("TIEOUT_PICTURES")
	for name, path := range map[string]string{"queue": "/e/nordlicht/queue", "case": fmt.Sprintf("/e/nordlicht/cases/%d", d.caseOf("Abschlag").Receipt)} {
		s.opens(path)
		if says[int](s, `document.querySelectorAll("[data-row], [data-proposal]").length`) < 3 {
			t.Errorf("%s shows too little", name)
		}
		if folder == "" {
			continue
		}
		picture, err := chromedp.Run(s.ctx, chromedp.CaptureScreenshot())
		d.must(err)
		d.must(os.WriteFile(folder+"/"+name+".png", picture, 0o644))
	}
}

package main

import (
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
)

// progress draws one bar per stage on standard error, only where that is a terminal.
type progress struct {
	to    io.Writer
	stage string
	bar   *progressbar.ProgressBar
}

func newProgress(a *app) *progress {
	if a.quiet || !isTerminal(a.err) {
		return &progress{}
	}
	return &progress{to: a.err}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (p *progress) update(stage string, done, total int) {
	if p.to == nil || total == 0 {
		return
	}
	if p.bar == nil || p.stage != stage {
		p.close()
		p.stage = stage
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(p.to), progressbar.OptionSetDescription(stage),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
	}
	p.bar.ChangeMax(total)
	_ = p.bar.Set(done)
}

func (p *progress) close() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}

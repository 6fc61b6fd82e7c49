package ingest

import (
	"bytes"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tieout/tieout/recon"
)

// Entries are nearly all of a file and do not look at one another, so they are read on all cores: the file is cut into
// pieces behind some "</Ntry>", workers read the pieces, and what they read is taken in the file's order.
//
// A cut may be wrong: "</Ntry>" can stand in a comment or a CDATA section, or belong to an element within an entry.
// It does not matter. A worker begins with the open elements and namespaces of the place where the first piece began, and
// reads from the left, as the reader in order would have. What it has read up to behind some entry is therefore right
// whatever follows, if its piece began right, which it did if the piece before was read to its end. At the first thing that
// is not plainly an entry (anything malformed, a comment, a CDATA section, an element that is no Ntry or not the
// message's, a new namespace) the worker stops, what it and those behind it have read since is thrown away, and the file is
// read in order again from behind the last good entry.
type cutting struct {
	workers int // 1 reads everything in order
	after   int // entries of a statement that are read in order first, and after each thing out of the ordinary
	size    int // bytes of a frame
	most    int // bytes of a frame that holds one entry; larger ones are read in order
}

// cuttingFor is how files are cut for so many workers, 0 for one per core.
func cuttingFor(workers int) cutting {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	return cutting{workers: min(workers, maxWorkers), after: 256, size: 256 << 10, most: 4 << 20}
}

const (
	maxWorkers = 16
	goodRun    = 4 // frames that must go well for the cutting to be worth it
	maxMisses  = 8 // how often it may not have been before the file is read in order to its end
)

// frame is a piece of the file and what a worker read of it.
type frame struct {
	data     []byte
	before   chan int // gives the number of entries before it
	after    chan int // takes that of the entries up to its end
	done     chan struct{}
	read     int // bytes up to behind the last entry that is right
	elements int
	parts    statementParts // counts of its entries
	entries  []recon.Entry
	problems problemList
	tally    Tally
}

// framing cuts the rest of a statement into frames.
type framing struct {
	reader  *camtReader // whose entries are read
	close   []byte      // the end tag of an entry as this statement writes it
	src     io.Reader
	fault   error  // of src, io.EOF at its end
	rest    []byte // read and not cut yet
	frames  []*frame
	spare   []*frame
	last    chan int // of the frame cut last
	jobs    chan *frame
	stopped atomic.Bool
	working sync.WaitGroup
}

// worthwhile reports whether to go on in frames: some entries of the statement were read in order, which is all that most
// statements have.
func (c *camtReader) worthwhile(parts *statementParts) bool {
	return c.cutting.workers > 1 && c.misses < maxMisses && parts.entries >= c.inOrder && !c.x.stopped() && !c.x.empty
}

// readFrames reads on in frames while they hold nothing but entries, and leaves the reader behind the last good one.
func (c *camtReader) readFrames(parts *statementParts) {
	f := c.newFraming(parts)
	good := 0
	for {
		for len(f.frames) <= c.cutting.workers && f.cut() {
		}
		if len(f.frames) == 0 {
			break
		}
		first := f.frames[0]
		<-first.done
		c.accept(first, parts)
		if first.read < len(first.data) || c.x.stopped() {
			break
		}
		f.frames = f.frames[1:]
		f.spare = append(f.spare, first)
		good++
	}
	f.stop()
	if good < goodRun {
		c.misses++
	}
	c.inOrder = parts.entries + c.cutting.after
	if !c.x.stopped() {
		c.x.resume(f.left())
	}
}

func (c *camtReader) newFraming(parts *statementParts) *framing {
	f := &framing{reader: c, close: []byte("</" + c.entryName + ">"), src: c.x.src, last: make(chan int, 1), jobs: make(chan *frame, c.cutting.workers+1)}
	f.rest = bytes.Clone(c.x.buf[c.x.pos:c.x.filled])
	c.x.passed(c.x.buf[:c.x.pos])
	if c.x.eof {
		f.fault = io.EOF
	}
	f.last <- parts.entries
	for range c.cutting.workers {
		worker := c.newWorker()
		f.working.Go(func() { f.work(worker) })
	}
	return f
}

// cut makes the next frame and gives it to the workers.
func (f *framing) cut() bool {
	next := f.newFrame()
	data := append(next.data[:0], f.rest...)
	for size := f.reader.cutting.size; ; size *= 2 {
		data = f.fill(data, size)
		if end := bytes.LastIndex(data, f.close); end >= 0 {
			end += len(f.close)
			f.rest = append(f.rest[:0], data[end:]...)
			next.data = data[:end]
			break
		}
		if f.fault != nil || size >= f.reader.cutting.most {
			f.rest = append(f.rest[:0], data...)
			return false
		}
	}
	f.frames = append(f.frames, next)
	f.jobs <- next
	return true
}

// fill reads until data has so many bytes or the source ends.
func (f *framing) fill(data []byte, size int) []byte {
	if cap(data) < size {
		data = append(make([]byte, 0, size), data...)
	}
	for empty := 0; len(data) < size && f.fault == nil; {
		n, err := f.src.Read(data[len(data):size])
		data = data[:len(data)+n]
		if f.fault = err; n > 0 {
			empty = 0
		} else if empty++; empty > maxEmptyReads && err == nil {
			f.fault = io.ErrNoProgress
		}
	}
	return data
}

func (f *framing) newFrame() *frame {
	next := &frame{}
	if n := len(f.spare); n > 0 {
		next, f.spare = f.spare[n-1], f.spare[:n-1]
	}
	next.before, next.after, next.done = f.last, make(chan int, 1), make(chan struct{})
	f.last = next.after
	return next
}

// stop ends the workers. What they read of frames that are not done is thrown away.
func (f *framing) stop() {
	f.stopped.Store(true)
	close(f.jobs)
	f.working.Wait()
}

// left is what has not been accepted: the rest of the first frame, the others, what was not cut yet, what was not read yet.
func (f *framing) left() io.Reader {
	var left []byte
	for i, frame := range f.frames {
		if i == 0 {
			left = append(left, frame.data[frame.read:]...)
		} else {
			left = append(left, frame.data...)
		}
	}
	left = append(left, f.rest...)
	if f.fault != nil {
		return io.MultiReader(bytes.NewReader(left), failing{f.fault})
	}
	return io.MultiReader(bytes.NewReader(left), f.src)
}

// newWorker is a reader for frames of the statement that c is in.
func (c *camtReader) newWorker() *camtReader {
	w := &camtReader{x: &scanner{src: failing{io.EOF}, eof: true}, home: c.home, own: c.own, owner: c.owner, batchPage: c.batchPage, flip: c.flip}
	w.statement = &recon.Statement{Place: c.statement.Place}
	return w
}

// work reads frames until there are no more.
func (f *framing) work(w *camtReader) {
	for frame := range f.jobs {
		if !f.stopped.Load() {
			w.readFrame(frame, f.reader)
		}
		before := <-frame.before
		frame.after <- before + frame.parts.entries
		if !f.stopped.Load() {
			frame.number(before, w)
		}
		close(frame.done)
	}
}

// readFrame reads the entries of a frame. They are numbered from 1; what stands before them is not known yet.
func (w *camtReader) readFrame(p *frame, at *camtReader) {
	x := w.x
	x.restart(p.data, at.x)
	w.problems = problemList{}
	w.found = problemList{list: p.problems.list[:0], everything: true}
	entries, parts := p.entries[:0], statementParts{}
	w.emit = func(e *recon.Entry) { entries = append(entries, *e) }
	p.read, p.elements, p.parts = 0, 0, parts
	good, told := 0, 0
	for x.pos < len(p.data) {
		if !x.open() || x.space != w.home || string(x.name) != "Ntry" {
			break
		}
		w.entry(&parts)
		if x.odd || x.stopped() {
			break
		}
		good, told = len(entries), len(w.found.list)
		p.read, p.elements, p.parts = x.pos, x.elements, parts
	}
	p.entries, p.problems = entries[:good], problemList{list: w.found.list[:told]}
}

// number gives the entries of the frame their numbers in the statement, and adds them up.
func (p *frame) number(before int, w *camtReader) {
	place := w.statement.Place + "/Ntry["
	for i := range p.entries {
		e := &p.entries[i]
		e.Place = renumber(e.Place, place, before)
		if e.Batch != "" {
			e.Batch = renumber(e.Batch, w.batchPage, before)
		}
	}
	for i := range p.problems.list {
		where := &p.problems.list[i].Where
		*where = renumber(*where, place, before)
	}
	p.tally = Tally{currencies: p.tally.currencies[:0], traces: p.tally.traces[:0]}
	for i := range p.entries {
		p.tally.add(&p.entries[i])
	}
}

// renumber adds to the number that stands behind the prefix.
func renumber(s, prefix string, add int) string {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return s
	}
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	n, _ := strconv.Atoi(rest[:end])
	return prefix + strconv.Itoa(n+add) + rest[end:]
}

// accept takes what was read of a frame as if it had been read in order.
func (c *camtReader) accept(p *frame, parts *statementParts) {
	if c.x.elements+p.elements > c.x.limit { // the reader in order says where
		p.read = 0
		return
	}
	c.x.passed(p.data[:p.read])
	c.x.elements += p.elements
	parts.entries += p.parts.entries
	parts.rejected += p.parts.rejected
	parts.pending += p.parts.pending
	if parts.first == "" {
		parts.first = p.parts.first
	}
	c.found.add(p.problems.list...)
	c.tally.join(&p.tally)
	for i := range p.entries {
		if c.x.world == nil {
			c.heed(c.sink.Entry(&p.entries[i]))
		}
	}
}

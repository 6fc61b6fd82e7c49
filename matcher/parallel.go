package matcher

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// ranges calls do for consecutive ranges of at most size that cover 0 to n-1, on all processors. What do writes must
// belong to its range alone, so that the number of processors changes nothing.
func ranges(n, size int, do func(from, to int)) {
	workers := min(runtime.GOMAXPROCS(0), (n+size-1)/size)
	if workers < 2 {
		if n > 0 {
			do(0, n)
		}
		return
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for from := int(next.Add(int64(size))) - size; from < n; from = int(next.Add(int64(size))) - size {
				do(from, min(n, from+size))
			}
		})
	}
	group.Wait()
}

// each calls do for 0 to n-1, each once, on all processors.
func each(n int, do func(i int)) {
	const size = 64
	ranges(n, size, func(from, to int) {
		for i := from; i < to; i++ {
			do(i)
		}
	})
}

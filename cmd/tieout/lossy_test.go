package main

import (
	"bytes"
	"net"
	"sync/atomic"
	"testing"
)

// lossyLine is a line to a server that breaks now and then just when the server answers a COMMIT: the server has done it, and who
// asked never hears of it.
type lossyLine struct {
	listener net.Listener
	server   string
	every    int64 // COMMIT
	commits  atomic.Int64
	broken   atomic.Int64
}

func newLossyLine(t *testing.T, server string, every int64) *lossyLine {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &lossyLine{listener: listener, server: server, every: every}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go l.connect(client)
		}
	}()
	return l
}

func (l *lossyLine) address() string { return l.listener.Addr().String() }

func (l *lossyLine) lost() int64 { return l.broken.Load() }

// connect carries what both sides say until one of them hangs up, or the line breaks.
func (l *lossyLine) connect(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", l.server)
	if err != nil {
		return
	}
	defer server.Close()
	var swallow atomic.Bool
	go func() {
		defer server.Close()
		buffer := make([]byte, 64<<10)
		for {
			n, err := client.Read(buffer)
			if n > 0 {
				if bytes.Contains(buffer[:n], []byte("COMMIT\x00")) && l.commits.Add(1)%l.every == 0 {
					swallow.Store(true)
				}
				if _, err := server.Write(buffer[:n]); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		if swallow.Load() && n > 0 && bytes.Contains(buffer[:n], []byte("COMMIT\x00")) {
			l.broken.Add(1)
			return
		}
		if n > 0 {
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

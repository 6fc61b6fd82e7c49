package main

import "github.com/spf13/cobra"

// receivables are the commands by which a person works on open items beside the queue.
func (a *app) receivables() []*cobra.Command {
	return []*cobra.Command{a.allocateCommand(), a.adjustCommand(), a.refundCommand(), a.disputeCommand(), a.planCommand(), a.closeCommand()}
}

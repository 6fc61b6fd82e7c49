package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// groups makes every command that has commands of its own say so: alone it shows its help, and a word that is none of them is
// wrong usage, never help with exit code 0.
func groups(cmd *cobra.Command) {
	if !cmd.HasSubCommands() {
		return
	}
	cmd.Args = oneOfItsCommands
	if !cmd.Runnable() {
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	for _, sub := range cmd.Commands() {
		groups(sub)
	}
}

func oneOfItsCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return usage("unknown command %q for %q\n  try one of: %s", args[0], cmd.CommandPath(), strings.Join(names, ", "))
}

// completion adds the command that writes completion scripts, with an example for each shell.
func completion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	examples := map[string]string{
		"bash":       "tieout completion bash > /etc/bash_completion.d/tieout",
		"zsh":        `tieout completion zsh > "${fpath[1]}/_tieout"`,
		"fish":       "tieout completion fish > ~/.config/fish/completions/tieout.fish",
		"powershell": "tieout completion powershell | Out-String | Invoke-Expression",
	}
	for _, cmd := range root.Commands() {
		if cmd.Name() != "completion" {
			continue
		}
		cmd.Example = "  source <(tieout completion bash)"
		for _, shell := range cmd.Commands() {
			shell.Example = "  " + examples[shell.Name()]
		}
	}
}

// negative is how the flag parser complains about an amount such as -5.
var negative = regexp.MustCompile(`^unknown shorthand flag: '[0-9.]' in (-[0-9.]+)$`)

// flagError says what is wrong with a flag; a negative number looks like one.
func flagError(cmd *cobra.Command, err error) error {
	if number := negative.FindStringSubmatch(err.Error()); number != nil {
		return usage("%q reads as a flag: amounts are written without a sign\n  try: money that was recorded is taken back with tieout undo", number[1])
	}
	return usage("%v\n  try: %s", err, fmt.Sprintf("%s --help", cmd.CommandPath()))
}

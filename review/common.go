package review

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
)

// commonWords are what weak passwords are made of, a word per line: given names of things, keyboard rows, words of this trade.
//
//go:embed common.txt
var commonWords string

// lookalikes are characters that stand for letters in passwords.
var lookalikes = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "8", "b", "9", "g", "@", "a", "$", "s", "!", "i", "|", "l", "+", "t")

// fewCharacters is how many different characters a password must have at least.
const fewCharacters = 5

// commonPassword reports whether a password is one of those that are tried first: words of the list, or about the person, in a row, with
// lookalikes, digits and signs around them; a row of the keyboard or the alphabet; few characters again and again.
func commonPassword(password string, about []string) bool {
	lower := strings.ToLower(password)
	different := map[rune]bool{}
	for _, c := range lower {
		different[c] = true
	}
	if len(different) < fewCharacters || inARow(lower) {
		return true
	}
	words := strings.Fields(commonWords)
	for _, a := range about {
		for _, word := range strings.FieldsFunc(strings.ToLower(a), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
			if len(word) >= 3 {
				words = append(words, word)
			}
		}
	}
	core := strings.TrimFunc(lower, func(c rune) bool { return !unicode.IsLetter(c) })
	return madeOf(letters(lower), words) || madeOf(letters(lookalikes.Replace(core)), words)
}

// letters keeps the letters alone.
func letters(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) {
			return c
		}
		return -1
	}, s)
}

// mostWords is of how many known words a password may not be made alone: more of them are a fair passphrase.
const mostWords = 2

// madeOf reports whether a text is empty, or nothing but one or two words, whichever, repeated or not.
func madeOf(text string, words []string) bool {
	fewest := make([]int, len(text)+1) // how many different words make text[:i], 0 = none do
	sets := make([][]string, len(text)+1)
	for i := 1; i <= len(text); i++ {
		for _, word := range words {
			if !strings.HasSuffix(text[:i], word) {
				continue
			}
			before := i - len(word)
			if before > 0 && fewest[before] == 0 {
				continue
			}
			set := sets[before]
			if !slices.Contains(set, word) {
				set = append(slices.Clone(set), word)
			}
			if fewest[i] == 0 || len(set) < fewest[i] {
				fewest[i], sets[i] = len(set), set
			}
		}
	}
	return text == "" || fewest[len(text)] > 0 && fewest[len(text)] <= mostWords
}

// rows are characters that stand beside each other.
var rows = []string{"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p"}

// inARow reports whether a text goes along rows of the keyboard or the alphabet, forward or backward, in pieces of four and more.
func inARow(text string) bool {
	const piece = 4
	covered := 0
	for i := 0; i < len(text); {
		longest := 0
		for _, row := range rows {
			for _, line := range []string{row, backward(row)} {
				for n := min(len(text)-i, len(line)); n >= piece && n > longest; n-- {
					if strings.Contains(line, text[i:i+n]) {
						longest = n
					}
				}
			}
		}
		covered += longest
		i += max(longest, 1)
	}
	return covered*4 >= len(text)*3
}

func backward(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

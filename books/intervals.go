package books

import (
	"fmt"
	"math"
)

// Rate is so many of so many, with the bounds of its 95 % confidence interval. Of nothing all are NaN.
type Rate struct {
	Of, In              int
	Share, Lower, Upper float64
}

// WilsonRate has the score interval of Wilson (1927), for rates that are not extreme.
func WilsonRate(in, of int) Rate {
	const z = 1.959963984540054 // 97.5 % of a normal distribution lie below
	n, p := float64(of), float64(in)/float64(of)
	middle := p + z*z/(2*n)
	spread := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return Rate{Of: of, In: in, Share: p, Lower: max(0, (middle-spread)/(1+z*z/n)), Upper: min(1, (middle+spread)/(1+z*z/n))}
}

// ExactRate has the exact interval of Clopper and Pearson (1934): for rates near 0, where "none seen" is no proof of none.
func ExactRate(in, of int) Rate {
	r := Rate{Of: of, In: in, Share: float64(in) / float64(of), Lower: math.NaN(), Upper: math.NaN()}
	if of == 0 {
		return r
	}
	const tail = 0.025
	r.Lower, r.Upper = 0, 1
	if in > 0 {
		r.Lower = bisect(func(p float64) bool { return 1-atMost(in-1, of, p) < tail })
	}
	if in < of {
		r.Upper = bisect(func(p float64) bool { return atMost(in, of, p) > tail })
	}
	return r
}

// bisect finds where below stops to hold between 0 and 1.
func bisect(below func(float64) bool) float64 {
	low, high := 0.0, 1.0
	for range 60 {
		middle := (low + high) / 2
		if below(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// atMost is the probability of at most k successes in n trials of probability p.
func atMost(k, n int, p float64) float64 {
	if p <= 0 {
		return 1
	}
	if p >= 1 {
		return 0
	}
	all, _ := math.Lgamma(float64(n + 1))
	sum := 0.0
	for i := range k + 1 {
		a, _ := math.Lgamma(float64(i + 1))
		b, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(all - a - b + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return min(1, sum)
}

// String writes the rate in percent with its interval: "97.50 % (97.01–97.91)"; "–" for a rate of nothing.
func (r Rate) String() string {
	if r.Of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f %% (%.2f–%.2f)", 100*r.Share, 100*r.Lower, 100*r.Upper)
}

// Package worker is the rhythm of tieout: it moves files through the house and money through the matcher.
//
// A [Pipeline] is the nightly job of one entity. Its commit points, in order, are: archived → recorded →
// parsed and stored → original moved → plan stored → exported. A process that dies between any two of them
// loses nothing and repeats nothing: what is archived is recognised by its SHA-256, what is recorded without an
// outcome is parsed again, what is stored is only moved, what is decided is not decided again.
package worker

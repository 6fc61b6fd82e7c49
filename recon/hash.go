package recon

import (
	"crypto/sha256"
	"encoding/hex"
)

// hashText returns the first 16 bytes of the SHA-256 of s, in hex.
func hashText(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

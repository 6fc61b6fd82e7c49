package sqlite

import (
	"errors"
	"fmt"
	"syscall"
)

// networkFileSystems are the magic numbers (statfs(2)) of file systems whose locks other machines do not see reliably.
var networkFileSystems = map[int64]string{
	0x6969:     "NFS",
	0x517b:     "SMB",
	0xff534d42: "CIFS",
	0xfe534d42: "SMB2",
	0x5346414f: "AFS",
	0x73757245: "Coda",
	0x00c36400: "Ceph",
}

// refuseNetwork fails where a folder lies on a network: SQLite's locks do not hold there, and a database breaks.
func refuseNetwork(folder string) error {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(folder, &stat); err != nil {
		if errors.Is(err, syscall.ENOENT) {
			return fmt.Errorf("folder %s does not exist", folder)
		}
		return fmt.Errorf("file system of %s: %w", folder, err)
	}
	if name := networkFileSystems[int64(uint32(stat.Type))]; name != "" {
		return fmt.Errorf("%s is a network file system (%s): keep the database on a local disk, or use PostgreSQL", folder, name)
	}
	return nil
}

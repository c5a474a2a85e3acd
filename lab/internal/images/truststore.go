package images

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Java's own key store format, as sun.security.provider.JavaKeyStore reads it: magic,
// version and count, then entries; at the end a digest over a password and all of it.
const (
	storeMagic    = 0xfeedfeed
	storeHead     = 12
	storeCert     = 2
	storePassword = "changeit"
)

// dateTruststore gives every certificate of a truststore the same date of entry, since
// keytool takes the clock's, and returns the store with its digest made anew.
func dateTruststore(store []byte, at time.Time) ([]byte, error) {
	end := len(store) - sha1.Size
	if end < storeHead || binary.BigEndian.Uint32(store) != storeMagic {
		return nil, errors.New("no Java key store")
	}
	if digest := storeDigest(store[:end]); !bytes.Equal(digest, store[end:]) {
		return nil, fmt.Errorf("a Java key store whose password is not %s", storePassword)
	}
	body := bytes.Clone(store[:end])
	rest := body[storeHead:]
	for range binary.BigEndian.Uint32(body[storeHead-4:]) {
		var err error
		if rest, err = dateEntry(rest, at); err != nil {
			return nil, err
		}
	}
	return append(body, storeDigest(body)...), nil
}

// dateEntry sets the date of the first entry and returns what follows it.
func dateEntry(entries []byte, at time.Time) ([]byte, error) {
	short := errors.New("the Java key store ends early")
	if len(entries) < 6 {
		return nil, short
	}
	if tag := binary.BigEndian.Uint32(entries); tag != storeCert {
		return nil, fmt.Errorf("the Java key store has an entry of type %d, not a certificate", tag)
	}
	date := 6 + int(binary.BigEndian.Uint16(entries[4:]))
	if len(entries) < date+10 {
		return nil, short
	}
	binary.BigEndian.PutUint64(entries[date:], uint64(at.UnixMilli()))
	size := date + 10 + int(binary.BigEndian.Uint16(entries[date+8:]))
	if len(entries) < size+4 {
		return nil, short
	}
	next := size + 4 + int(binary.BigEndian.Uint32(entries[size:]))
	if len(entries) < next {
		return nil, short
	}
	return entries[next:], nil
}

func storeDigest(body []byte) []byte {
	h := sha1.New()
	for _, letter := range []byte(storePassword) {
		h.Write([]byte{0, letter})
	}
	h.Write([]byte("Mighty Aphrodite"))
	h.Write(body)
	return h.Sum(nil)
}

package images

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"
)

func truststore(dates ...uint64) []byte {
	body := binary.BigEndian.AppendUint32(nil, storeMagic)
	body = binary.BigEndian.AppendUint32(body, 2)
	body = binary.BigEndian.AppendUint32(body, uint32(len(dates)))
	for _, date := range dates {
		body = binary.BigEndian.AppendUint32(body, storeCert)
		body = append(body, "\x00\x05alias"...)
		body = binary.BigEndian.AppendUint64(body, date)
		body = append(body, "\x00\x05X.509\x00\x00\x00\x04cert"...)
	}
	return append(body, storeDigest(body)...)
}

func TestTruststoresOfTwoDaysBecomeTheSame(t *testing.T) {
	first, err := dateTruststore(truststore(1, 2), time.UnixMilli(7))
	must(t, err)
	second, err := dateTruststore(truststore(3, 4), time.UnixMilli(7))
	must(t, err)
	if !bytes.Equal(first, second) || !bytes.Equal(first, truststore(7, 7)) {
		t.Errorf("stores\n%x\n%x", first, second)
	}
}

func TestOnlyTruststoresAreTouched(t *testing.T) {
	at := time.UnixMilli(7)
	broken := truststore(1)
	broken[20]++
	long := truststore(1)
	long = binary.BigEndian.AppendUint32(long[:8], 9)
	for name, store := range map[string][]byte{
		"nothing": nil, "text": []byte("-----BEGIN CERTIFICATE-----, and so on for long"), "another password": broken,
		"fewer entries than it says": append(long, storeDigest(long)...),
	} {
		if _, err := dateTruststore(store, at); err == nil {
			t.Errorf("%s was taken for a truststore", name)
		}
	}
}

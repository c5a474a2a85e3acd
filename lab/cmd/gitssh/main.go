// Gitssh serves the repositories below a directory over ssh, to one key, for tests.
//
// It writes `key` (the client's private key), `known_hosts` (its own) and `other_hosts` (a key that is not its own) into
// the directory, prints the address on loopback that it listens at, and serves until its standard input ends.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"
)

func main() {
	root := os.Args[1]
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	host, client, other := newKey(), newKey(), newKey()
	signer, err := ssh.NewSignerFromKey(host)
	check(err)
	block, err := ssh.MarshalPrivateKey(client, "test")
	check(err)
	address := listener.Addr().String()
	write(root, "key", pem.EncodeToMemory(block))
	write(root, "known_hosts", hostLine(address, host))
	write(root, "other_hosts", hostLine(address, other))

	allowed := public(client).Marshal()
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if !bytes.Equal(key.Marshal(), allowed) {
			return nil, errors.New("another key")
		}
		return nil, nil
	}}
	config.AddHostKey(signer)
	fmt.Println(address)
	go func() {
		for {
			conn, err := listener.Accept()
			check(err)
			go serve(conn, config, root)
		}
	}()
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func serve(conn net.Conn, config *ssh.ServerConfig, root string) {
	defer conn.Close()
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for proposed := range channels {
		if proposed.ChannelType() != "session" {
			_ = proposed.Reject(ssh.UnknownChannelType, "sessions only")
			continue
		}
		channel, requests, err := proposed.Accept()
		if err != nil {
			return
		}
		go session(channel, requests, root)
	}
}

// session runs the one command that it is asked for, and ends.
func session(channel ssh.Channel, requests <-chan *ssh.Request, root string) {
	defer channel.Close()
	var protocol []string
	for request := range requests {
		switch request.Type {
		case "env":
			var pair struct{ Name, Value string }
			known := ssh.Unmarshal(request.Payload, &pair) == nil && pair.Name == "GIT_PROTOCOL"
			if known {
				protocol = []string{"GIT_PROTOCOL=" + pair.Value}
			}
			_ = request.Reply(known, nil)
		case "exec":
			var command struct{ Line string }
			path, ok := "", ssh.Unmarshal(request.Payload, &command) == nil
			if ok {
				path, ok = strings.CutPrefix(command.Line, "git-upload-pack '")
			}
			_ = request.Reply(ok, nil)
			if ok {
				status := struct{ Code uint32 }{uploadPack(channel, filepath.Join(root, "/"+strings.TrimSuffix(path, "'")), protocol)}
				_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(status))
			}
			return
		default:
			_ = request.Reply(false, nil)
		}
	}
}

func uploadPack(channel ssh.Channel, repository string, protocol []string) uint32 {
	cmd := exec.Command("git", "upload-pack", "--strict", repository)
	cmd.Env = append(os.Environ(), protocol...)
	cmd.Stdout, cmd.Stderr = channel, channel.Stderr()
	// Not cmd.Stdin, which the end of the command would wait for.
	stdin, err := cmd.StdinPipe()
	check(err)
	go func() {
		_, _ = io.Copy(stdin, channel)
		_ = stdin.Close()
	}()
	if cmd.Run() != nil {
		return 1
	}
	return 0
}

func newKey() ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	check(err)
	return key
}

func public(key ed25519.PrivateKey) ssh.PublicKey {
	public, err := ssh.NewPublicKey(key.Public())
	check(err)
	return public
}

// hostLine is a line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
func hostLine(address string, key ed25519.PrivateKey) []byte {
	host, port, err := net.SplitHostPort(address)
	check(err)
	return fmt.Appendf(nil, "[%s]:%s %s", host, port, ssh.MarshalAuthorizedKey(public(key)))
}

func write(root, name string, content []byte) {
	check(os.WriteFile(filepath.Join(root, name), content, 0o600))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Package webhook serves cert-manager's own admission webhook. The code that builds it is internal to cert-manager and
// reachable only through a test helper, hence a test binary: built with go test -c, run as a server until a signal.
package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"testing"
	"time"

	cmadmission "github.com/cert-manager/cert-manager/pkg/webhook/admission"
	"github.com/cert-manager/cert-manager/pkg/webhook/server"
	helper "github.com/cert-manager/cert-manager/test/webhook"
)

var (
	kubeconfig = flag.String("webhook.kubeconfig", "", "kubeconfig of the API server")
	address    = flag.String("webhook.address", "127.0.0.1:0", "address to listen on")
	certFile   = flag.String("webhook.tls-cert-file", "", "serving certificate")
	keyFile    = flag.String("webhook.tls-private-key-file", "", "its key")
)

// TestServe never lets the helper's own server run, because that one listens on every interface: it takes the
// admission chain that the helper has built and serves it on the loopback address instead.
func TestServe(t *testing.T) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	helper.StartWebhookServer(t, []string{
		"--kubeconfig=" + *kubeconfig,
		"--tls-cert-file=" + *certFile,
		"--tls-private-key-file=" + *keyFile,
	}, func(built *server.Server) {
		if err := serve(ctx, built); err != nil {
			t.Fatal(err)
		}
		t.SkipNow()
	})
}

func serve(ctx context.Context, built *server.Server) error {
	mux := http.NewServeMux()
	mux.Handle("/mutate", cmadmission.NewCustomMutationWebhook(built.MutationWebhook))
	mux.Handle("/validate", cmadmission.NewCustomValidationWebhook(built.ResourceScheme, built.ValidationWebhook))
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	web := &http.Server{
		Handler:           mux,
		TLSConfig:         &tls.Config{MinVersion: tls.VersionTLS12},
		ReadHeaderTimeout: 30 * time.Second,
	}
	go func() {
		<-ctx.Done()
		_ = web.Close()
	}()
	fmt.Printf("cert-manager webhook listens on %s\n", listener.Addr())
	if err := web.ServeTLS(listener, *certFile, *keyFile); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

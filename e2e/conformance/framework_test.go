package conformance

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	clientset "github.com/cert-manager/cert-manager/pkg/client/clientset/versioned"
	"github.com/cert-manager/cert-manager/test/e2e/framework"
)

// sameKeySpec is in the name of the one spec that expects a key to outlive its certificate. Certificates of release
// 1.11 kept their keys unless told otherwise; since 1.18 they must ask for it.
const sameKeySpec = "with the same private key"

// specClient is the client that a spec creates its objects with.
type specClient struct {
	client.Client
}

func (c specClient) Create(ctx context.Context, object client.Object, options ...client.CreateOption) error {
	certificate, ok := object.(*cmapi.Certificate)
	if ok && strings.Contains(ginkgo.CurrentSpecReport().LeafNodeText, sameKeySpec) {
		if certificate.Spec.PrivateKey == nil {
			certificate.Spec.PrivateKey = &cmapi.CertificatePrivateKey{}
		}
		certificate.Spec.PrivateKey.RotationPolicy = cmapi.RotationPolicyNever
	}
	return c.Client.Create(ctx, object, options...)
}

// Delete keeps the last state of a signing request for the report: its spec deletes it even when it failed.
func (c specClient) Delete(ctx context.Context, object client.Object, options ...client.DeleteOption) error {
	if request, ok := object.(*certificatesv1.CertificateSigningRequest); ok {
		if err := c.Client.Get(ctx, client.ObjectKeyFromObject(request), request); err == nil {
			ginkgo.AddReportEntry(objectsEntry, describeSigningRequest(request), ginkgo.ReportEntryVisibilityNever)
		}
	}
	return c.Client.Delete(ctx, object, options...)
}

// limit ends the waits of the running spec after a while: upstream's own take up to 10 minutes for every failed spec.
func limit(f *framework.Framework, patience time.Duration) error {
	over := time.Now().Add(patience)
	config := rest.CopyConfig(f.KubeClientConfig)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return transport(func(request *http.Request) (*http.Response, error) {
			if time.Now().After(over) {
				return nil, errors.New("what the spec waits for did not happen within " + patience.String())
			}
			return next.RoundTrip(request)
		})
	})
	certManager, err := clientset.NewForConfig(config)
	if err != nil {
		return err
	}
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	f.Helper().CMClient = certManager
	f.Helper().KubeClient = kube
	return nil
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	return t(request)
}

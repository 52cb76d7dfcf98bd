// Package conformance runs cert-manager's own conformance suites, as its release 1.11 exports them, against one kind of
// issuer that a manifest names. It is compiled with go test -c and started by the tests beside it.
package conformance

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	utilfeature "github.com/cert-manager/cert-manager/pkg/util/feature"
	"github.com/cert-manager/cert-manager/test/e2e/framework"
	"github.com/cert-manager/cert-manager/test/e2e/suite/conformance/certificates"
	"github.com/cert-manager/cert-manager/test/e2e/suite/conformance/certificatesigningrequests"
)

var (
	kubeconfig       = flag.String("conformance.kubeconfig", "", "kubeconfig of an administrator")
	manifest         = flag.String("conformance.issuer", "", "YAML file of an issuer; its name and CA Secret are made for each spec")
	clusterNamespace = flag.String("conformance.cluster-resource-namespace", "", "namespace of the Secrets of cluster-scoped issuers")
	signingRequests  = flag.Bool("conformance.signing-requests", false, "also run the suite for Kubernetes CertificateSigningRequests")
	patience         = flag.Duration("conformance.patience", 45*time.Second, "longest time one spec may take; upstream waits up to 10 minutes")
)

// gates are those that the suites look at in their own process: they would skip specs without them.
const gates = "LiteralCertificateSubject=true,ExperimentalCertificateSigningRequestControllers=true"

func TestConformance(t *testing.T) {
	if err := configure(); err != nil {
		t.Fatal(err)
	}
	kind, err := readManifest(*manifest)
	if err != nil {
		t.Fatal(err)
	}
	subject := &issuer{manifest: kind, clusterNamespace: *clusterNamespace, patience: *patience}
	ginkgo.AfterEach(subject.explain)
	(&certificates.Suite{
		Name:             kind.GetKind(),
		CreateIssuerFunc: subject.createReference,
		DeleteIssuerFunc: subject.deleteReference,
		// Without it the suite skips what it has for Ingresses, although the annotations work for every kind of issuer.
		HTTP01TestType: "Ingress",
	}).Define()
	if *signingRequests {
		(&certificatesigningrequests.Suite{
			Name:             kind.GetKind(),
			CreateIssuerFunc: subject.createSigner,
			DeleteIssuerFunc: subject.deleteSigner,
		}).Define()
	}
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "cert-manager conformance of "+kind.GetKind())
}

// configure gives the framework what upstream's own command line would.
func configure() error {
	flags := flag.NewFlagSet("framework", flag.ContinueOnError)
	framework.DefaultConfig.AddFlags(flags)
	// Nothing collects what a deleted namespace held in a cluster without controllers of its own.
	if err := flags.Parse([]string{"--kubernetes-config=" + *kubeconfig, "--cleanup=false"}); err != nil {
		return fmt.Errorf("framework: %w", err)
	}
	return utilfeature.DefaultMutableFeatureGate.Set(gates)
}

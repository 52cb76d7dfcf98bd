// Command controller runs cert-manager's own controllers against one API server. cert-manager's main lives in a
// module that cannot be fetched by version, so this one joins the public packages with the defaults of that main;
// leader election, metrics and health listeners are left out, because one process with no open port is enough here.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	cmcontroller "github.com/cert-manager/cert-manager/pkg/controller"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/ingresses"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificatesigningrequests/ca"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificatesigningrequests/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
	utilfeature "github.com/cert-manager/cert-manager/pkg/util/feature"
)

// workers is cert-manager's default of --concurrent-workers.
const workers = 5

type settings struct {
	kubeconfig string
	gates      string
	minBackoff time.Duration
	maxBackoff time.Duration
}

func main() {
	var s settings
	flag.StringVar(&s.kubeconfig, "api-server-kubeconfig", "", "kubeconfig of the API server")
	flag.StringVar(&s.gates, "feature-gates", "", "feature gates, as cert-manager takes them")
	flag.DurationVar(&s.minBackoff, "certificate-request-minimum-backoff-duration", time.Hour, "first wait after a failed request")
	flag.DurationVar(&s.maxBackoff, "certificate-request-maximum-backoff-duration", 32*time.Hour, "longest wait after failed requests")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, s settings) error {
	if err := utilfeature.DefaultMutableFeatureGate.Set(s.gates); err != nil {
		return err
	}
	factory, err := cmcontroller.NewContextFactory(ctx, options(s))
	if err != nil {
		return err
	}
	root, err := factory.Build()
	if err != nil {
		return err
	}
	running, err := startAll(ctx, factory)
	if err != nil {
		return err
	}
	root.SharedInformerFactory.Start(ctx.Done())
	root.KubeSharedInformerFactory.Start(ctx.Done())
	root.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())
	root.SharedInformerFactory.WaitForCacheSync(ctx.Done())
	root.KubeSharedInformerFactory.WaitForCacheSync(ctx.Done())
	if ctx.Err() == nil {
		fmt.Println("cert-manager controllers are running")
	}
	return running()
}

// startAll constructs every registered controller and runs it; the function it returns waits for all of them to end.
func startAll(ctx context.Context, factory *cmcontroller.ContextFactory) (func() error, error) {
	var group sync.WaitGroup
	var lock sync.Mutex
	var failures []error
	known := cmcontroller.Known()
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		controller, err := known[name](factory)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		group.Go(func() {
			if err := controller.Run(workers, ctx); err != nil {
				lock.Lock()
				defer lock.Unlock()
				failures = append(failures, fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	return func() error { group.Wait(); return errors.Join(failures...) }, nil
}

func options(s settings) cmcontroller.ContextOptions {
	return cmcontroller.ContextOptions{
		Kubeconfig:         s.kubeconfig,
		KubernetesAPIQPS:   20,
		KubernetesAPIBurst: 50,
		IssuerOptions: cmcontroller.IssuerOptions{
			ClusterResourceNamespace: "cert-manager",
		},
		IngressShimOptions: cmcontroller.IngressShimOptions{
			DefaultIssuerKind:                 "Issuer",
			DefaultIssuerGroup:                "cert-manager.io",
			DefaultAutoCertificateAnnotations: []string{"kubernetes.io/tls-acme"},
		},
		CertificateOptions: cmcontroller.CertificateOptions{
			CopiedAnnotationPrefixes:                 []string{"*", "-kubectl.kubernetes.io/", "-fluxcd.io/", "-argocd.argoproj.io/"},
			CertificateRequestMinimumBackoffDuration: s.minBackoff,
			CertificateRequestMaximumBackoffDuration: s.maxBackoff,
		},
	}
}

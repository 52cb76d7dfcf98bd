// Command cert-manager-vault runs cert-manager's own Vault issuer and nothing else of cert-manager, as a reference for the
// bench: without the approver, which would approve each request before its time.
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

	cmcontroller "github.com/cert-manager/cert-manager/pkg/controller"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/vault"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/vault"
)

// Far above what the bench reaches: the reference is not to be held back by its own limiter.
const callsPerSecond = 2000

func main() {
	kubeconfig := flag.String("api-server-kubeconfig", "", "kubeconfig of the API server")
	workers := flag.Int("concurrent-workers", 5, "workers of each controller; 5 is cert-manager's default")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *kubeconfig, *workers); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, kubeconfig string, workers int) error {
	factory, err := cmcontroller.NewContextFactory(ctx, cmcontroller.ContextOptions{
		Kubeconfig:         kubeconfig,
		KubernetesAPIQPS:   callsPerSecond,
		KubernetesAPIBurst: callsPerSecond,
		IssuerOptions:      cmcontroller.IssuerOptions{ClusterResourceNamespace: "cert-manager"},
	})
	if err != nil {
		return err
	}
	root, err := factory.Build()
	if err != nil {
		return err
	}
	wait, err := start(ctx, factory, workers)
	if err != nil {
		return err
	}
	root.SharedInformerFactory.Start(ctx.Done())
	root.KubeSharedInformerFactory.Start(ctx.Done())
	root.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())
	root.SharedInformerFactory.WaitForCacheSync(ctx.Done())
	root.KubeSharedInformerFactory.WaitForCacheSync(ctx.Done())
	if ctx.Err() == nil {
		fmt.Println("the Vault issuer is running")
	}
	return wait()
}

// start runs every registered controller; the function it returns waits for all of them to end.
func start(ctx context.Context, factory *cmcontroller.ContextFactory, workers int) (func() error, error) {
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

package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	"github.com/cert-manager/cert-manager/test/e2e/framework"
)

// issuerName is the name of every issuer and of its CA Secret: a spec has a namespace of its own, and specs run one at a time.
const issuerName = "conformance"

// issuer makes the issuer of each spec from one manifest.
type issuer struct {
	manifest         *unstructured.Unstructured
	clusterNamespace string
	patience         time.Duration
	// of the running spec
	framework *framework.Framework
}

func readManifest(file string) (*unstructured.Unstructured, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	object := map[string]any{}
	if err := yaml.Unmarshal(text, &object); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	found := &unstructured.Unstructured{Object: object}
	if found.GetKind() == "" || found.GetAPIVersion() == "" {
		return nil, fmt.Errorf("%s: apiVersion or kind is missing", file)
	}
	return found, nil
}

func (i *issuer) createReference(f *framework.Framework) cmmeta.ObjectReference {
	i.create(f)
	kind := i.manifest.GroupVersionKind()
	return cmmeta.ObjectReference{Name: issuerName, Kind: kind.Kind, Group: kind.Group}
}

func (i *issuer) deleteReference(f *framework.Framework, _ cmmeta.ObjectReference) {
	i.delete(f)
}

func (i *issuer) createSigner(f *framework.Framework) string {
	mapping := i.create(f)
	signer := mapping.Resource.Resource + "." + mapping.Resource.Group + "/"
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		signer += f.Namespace.Name + "."
	}
	return signer + issuerName
}

func (i *issuer) deleteSigner(f *framework.Framework, _ string) {
	i.delete(f)
}

// create makes the CA Secret and the issuer, waits until it is ready, and returns what the API server calls the kind.
func (i *issuer) create(f *framework.Framework) *meta.RESTMapping {
	i.framework = f
	gomega.Expect(limit(f, i.patience)).To(gomega.Succeed())
	f.CRClient = specClient{f.CRClient}
	object, mapping := i.object(f)
	secret, err := newSigningSecret(i.secretNamespace(f, mapping), issuerName)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	ctx := context.Background()
	gomega.Expect(f.CRClient.Create(ctx, secret)).To(gomega.Succeed())
	gomega.Expect(f.CRClient.Create(ctx, object)).To(gomega.Succeed())
	ginkgo.By("Waiting for the issuer to become ready")
	err = wait.PollImmediate(50*time.Millisecond, i.patience, func() (bool, error) {
		if err := f.CRClient.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
			return false, err
		}
		return isReady(object), nil
	})
	gomega.Expect(err).NotTo(gomega.HaveOccurred(), "the issuer is not ready: %v", object.Object["status"])
	return mapping
}

// delete removes what has no namespace of its own, which the next spec makes again under the same name.
func (i *issuer) delete(f *framework.Framework) {
	object, mapping := i.object(f)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: i.clusterNamespace, Name: issuerName}}
	ctx := context.Background()
	gomega.Expect(errors.Join(f.CRClient.Delete(ctx, object), f.CRClient.Delete(ctx, secret))).To(gomega.Succeed())
}

func (i *issuer) object(f *framework.Framework) (*unstructured.Unstructured, *meta.RESTMapping) {
	kind := i.manifest.GroupVersionKind()
	mapping, err := f.CRClient.RESTMapper().RESTMapping(kind.GroupKind(), kind.Version)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	object := i.manifest.DeepCopy()
	object.SetName(issuerName)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		object.SetNamespace(f.Namespace.Name)
	}
	return object, mapping
}

func (i *issuer) secretNamespace(f *framework.Framework, mapping *meta.RESTMapping) string {
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return f.Namespace.Name
	}
	return i.clusterNamespace
}

func isReady(object *unstructured.Unstructured) bool {
	for _, condition := range conditionsOf(object) {
		observed, written := condition["observedGeneration"].(int64)
		current := !written || observed == object.GetGeneration()
		if condition["type"] == "Ready" && condition["status"] == "True" && current {
			return true
		}
	}
	return false
}

package conformance

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/onsi/ginkgo/v2"
	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// objectsEntry is the name of the report entries that say what the objects of a spec looked like.
const objectsEntry = "objects"

// explain adds to the report of a failed spec what the Certificates and requests of its namespace say.
func (i *issuer) explain() {
	if !ginkgo.CurrentSpecReport().Failed() || i.framework == nil {
		return
	}
	var said strings.Builder
	for _, kind := range []string{"Certificate", "CertificateRequest"} {
		list := &unstructured.UnstructuredList{}
		list.SetAPIVersion("cert-manager.io/v1")
		list.SetKind(kind + "List")
		namespace := client.InNamespace(i.framework.Namespace.Name)
		if err := i.framework.CRClient.List(context.Background(), list, namespace); err != nil {
			fmt.Fprintf(&said, "%s objects could not be listed: %v\n", kind, err)
		}
		for index := range list.Items {
			describe(&said, &list.Items[index])
		}
	}
	ginkgo.AddReportEntry(objectsEntry, said.String(), ginkgo.ReportEntryVisibilityNever)
}

func describe(said *strings.Builder, object *unstructured.Unstructured) {
	fmt.Fprintf(said, "%s %s\n", object.GetKind(), object.GetName())
	for _, condition := range conditionsOf(object) {
		fmt.Fprintf(said, "  %v=%v (%v): %v\n", condition["type"], condition["status"], condition["reason"], condition["message"])
	}
	if certificate, _, _ := unstructured.NestedString(object.Object, "status", "certificate"); certificate != "" {
		fmt.Fprintf(said, "  certificate, in base64: %s\n", certificate)
	}
}

func describeSigningRequest(request *certificatesv1.CertificateSigningRequest) string {
	var said strings.Builder
	fmt.Fprintf(&said, "CertificateSigningRequest %s\n", request.Name)
	for _, condition := range request.Status.Conditions {
		fmt.Fprintf(&said, "  %s=%s (%s): %s\n", condition.Type, condition.Status, condition.Reason, condition.Message)
	}
	if len(request.Status.Certificate) > 0 {
		fmt.Fprintf(&said, "  certificate, in base64: %s\n", base64.StdEncoding.EncodeToString(request.Status.Certificate))
	}
	return said.String()
}

func conditionsOf(object *unstructured.Unstructured) []map[string]any {
	list, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	conditions := []map[string]any{}
	for _, one := range list {
		if condition, ok := one.(map[string]any); ok {
			conditions = append(conditions, condition)
		}
	}
	return conditions
}

// Package kubernetes_test reads the manifests as kustomize and the API of Kubernetes do, since there is
// no cluster here.
package kubernetes_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"github.com/otelactivity/activitylog/packaging/internal/disttest"
)

// things are the objects of a folder by kind and name.
type things map[string]any

// kinds are the types of the API.
var kinds = map[string]func() any{
	"ServiceAccount":      func() any { return &corev1.ServiceAccount{} },
	"Service":             func() any { return &corev1.Service{} },
	"StatefulSet":         func() any { return &appsv1.StatefulSet{} },
	"PodDisruptionBudget": func() any { return &policyv1.PodDisruptionBudget{} },
	"NetworkPolicy":       func() any { return &networkingv1.NetworkPolicy{} },
}

// build runs kustomize on a folder, and reads what comes out strictly: an unknown field is an error.
func build(t *testing.T, folder string) (things, error) {
	t.Helper()
	result, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		t.Fatal(err)
	}
	all := things{}
	for _, resource := range result.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		kind, ok := kinds[resource.GetKind()]
		if !ok {
			t.Fatalf("a %s, which this test does not know", resource.GetKind())
		}
		object := kind()
		if err := yaml.UnmarshalStrict(text, object); err != nil {
			return nil, err
		}
		all[resource.GetKind()+"/"+resource.GetName()] = object
	}
	return all, nil
}

func base(t *testing.T) things {
	t.Helper()
	all, err := build(t, "base")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func statefulSet(t *testing.T, all things) *appsv1.StatefulSet {
	t.Helper()
	set, ok := all["StatefulSet/otelcol-activitylog"].(*appsv1.StatefulSet)
	if !ok {
		t.Fatalf("no StatefulSet in %v", all)
	}
	return set
}

// TestBase checks what the API would check, and what makes it safe.
func TestBase(t *testing.T) {
	all := base(t)
	if len(all) != 6 {
		t.Errorf("%d objects, want 6: %v", len(all), all)
	}
	set := statefulSet(t, all)
	pod := set.Spec.Template
	matches(t, "the StatefulSet", set.Spec.Selector, pod.Labels)
	if all["Service/"+set.Spec.ServiceName] == nil || all["ServiceAccount/"+pod.Spec.ServiceAccountName] == nil {
		t.Errorf("the service %q or the account %q is missing", set.Spec.ServiceName, pod.Spec.ServiceAccountName)
	}
	container := pod.Spec.Containers[0]
	if container.Image != "ghcr.io/otelactivity/otelcol-activitylog:"+disttest.Version(t) {
		t.Errorf("the image is %s, want version %s", container.Image, disttest.Version(t))
	}
	secure := container.SecurityContext
	if !*pod.Spec.SecurityContext.RunAsNonRoot || !*secure.ReadOnlyRootFilesystem || *secure.AllowPrivilegeEscalation ||
		!slices.Equal(secure.Capabilities.Drop, []corev1.Capability{"ALL"}) || *pod.Spec.AutomountServiceAccountToken {
		t.Errorf("the container may do too much: %+v, %+v", pod.Spec.SecurityContext, secure)
	}
	claim := set.Spec.VolumeClaimTemplates[0]
	if mount := container.VolumeMounts[0]; mount.Name != claim.Name || mount.MountPath != "/var/lib/otelcol-activitylog" {
		t.Errorf("the volume %s is mounted as %+v", claim.Name, mount)
	}
	if policy := set.Spec.PersistentVolumeClaimRetentionPolicy; policy.WhenDeleted != appsv1.RetainPersistentVolumeClaimRetentionPolicyType {
		t.Errorf("queues are deleted: %+v", policy)
	}
	checkPorts(t, all, container)
}

// checkPorts checks that each port that something names is a port of the container.
func checkPorts(t *testing.T, all things, container corev1.Container) {
	t.Helper()
	var ports []string
	for _, port := range container.Ports {
		ports = append(ports, port.Name)
	}
	var used []string
	for _, object := range all {
		switch object := object.(type) {
		case *corev1.Service:
			for _, port := range object.Spec.Ports {
				used = append(used, port.TargetPort.String())
			}
		case *networkingv1.NetworkPolicy:
			for _, rule := range object.Spec.Ingress {
				for _, port := range rule.Ports {
					used = append(used, port.Port.String())
				}
			}
		}
	}
	for _, probe := range []*corev1.Probe{container.StartupProbe, container.ReadinessProbe, container.LivenessProbe} {
		used = append(used, probe.HTTPGet.Port.String())
	}
	for _, name := range used {
		if !slices.Contains(ports, name) {
			t.Errorf("port %s is used, the container has %v", name, ports)
		}
	}
}

// TestSelectors: everything that selects pods selects those of the StatefulSet.
func TestSelectors(t *testing.T) {
	all := base(t)
	pod := statefulSet(t, all).Spec.Template.Labels
	for name, object := range all {
		switch object := object.(type) {
		case *corev1.Service:
			matches(t, name, &metav1.LabelSelector{MatchLabels: object.Spec.Selector}, pod)
		case *policyv1.PodDisruptionBudget:
			matches(t, name, object.Spec.Selector, pod)
		case *networkingv1.NetworkPolicy:
			matches(t, name, &object.Spec.PodSelector, pod)
		}
	}
}

func matches(t *testing.T, name string, selector *metav1.LabelSelector, pod map[string]string) {
	t.Helper()
	s, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		t.Fatal(err)
	}
	if s.Empty() || !s.Matches(labels.Set(pod)) {
		t.Errorf("%s selects %s, the pods have %v", name, s, pod)
	}
}

// TestUnknownField: the strictness of this test is real.
func TestUnknownField(t *testing.T) {
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("base")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "statefulset.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), "readinessProbe:", "readynessProbe:", 1))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := build(t, folder); err == nil || !strings.Contains(err.Error(), `unknown field "readynessProbe"`) {
		t.Errorf("got %v", err)
	}
}

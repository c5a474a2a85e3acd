// Conformance compares our wire descriptions with BuildKit's own descriptors.
//
// Usage: go run ./conformance FILE, where FILE is a google.protobuf.FileDescriptorSet of what `proto/` declares.
// Every declared package, message, field, enum value and method must exist in BuildKit with the same name, number,
// type and cardinality. The file of the operations must be declared whole, because a graph that we take over from
// elsewhere and judge must not have fields that we do not see.
package main

import (
	"fmt"
	"os"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	// Linked in for their descriptors.
	_ "github.com/moby/buildkit/frontend/gateway/pb"
)

// complete is BuildKit's file that must be declared whole.
const complete = "github.com/moby/buildkit/solver/pb/ops.proto"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: conformance FILE")
		os.Exit(2)
	}
	ours, err := load(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(2)
	}
	c := &comparison{}
	ours.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		// The well-known types come with the compiler; they are not ours.
		if file.Package() != "google.protobuf" {
			c.file(file)
		}
		return true
	})
	c.completeness(ours)
	for _, difference := range c.differences {
		fmt.Println(difference)
	}
	fmt.Printf("%d messages, %d fields, %d enum values, %d methods compared, %d differences\n",
		c.messages, c.fields, c.values, c.methods, len(c.differences))
	if len(c.differences) > 0 || c.fields == 0 || c.methods == 0 {
		os.Exit(1)
	}
}

func load(path string) (*protoregistry.Files, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(data, set); err != nil {
		return nil, err
	}
	return protodesc.NewFiles(set)
}

// comparison counts what was compared and collects what differs.
type comparison struct {
	messages, fields, values, methods int
	differences                       []string
}

func (c *comparison) differ(format string, args ...any) {
	c.differences = append(c.differences, fmt.Sprintf(format, args...))
}

func (c *comparison) file(file protoreflect.FileDescriptor) {
	c.allMessages(file.Messages())
	c.allEnums(file.Enums())
	for i := range file.Services().Len() {
		c.service(file.Services().Get(i))
	}
}

func (c *comparison) allMessages(messages protoreflect.MessageDescriptors) {
	for i := range messages.Len() {
		ours := messages.Get(i)
		if theirs, ok := find[protoreflect.MessageDescriptor](c, ours); ok {
			c.message(ours, theirs)
		}
		c.allMessages(ours.Messages())
		c.allEnums(ours.Enums())
	}
}

func (c *comparison) allEnums(enums protoreflect.EnumDescriptors) {
	for i := range enums.Len() {
		ours := enums.Get(i)
		if theirs, ok := find[protoreflect.EnumDescriptor](c, ours); ok {
			c.enum(ours, theirs)
		}
	}
}

// find returns BuildKit's descriptor of the same name and kind.
func find[T protoreflect.Descriptor](c *comparison, ours T) (T, bool) {
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(ours.FullName())
	theirs, ok := found.(T)
	if err != nil || !ok {
		c.differ("%s: BuildKit has no such thing", ours.FullName())
	}
	return theirs, err == nil && ok
}

func (c *comparison) message(ours, theirs protoreflect.MessageDescriptor) {
	c.messages++
	for i := range ours.Fields().Len() {
		field := ours.Fields().Get(i)
		other := theirs.Fields().ByName(field.Name())
		if other == nil {
			c.differ("%s: BuildKit has no such field", field.FullName())
			continue
		}
		c.fields++
		if a, b := shape(field), shape(other); a != b {
			c.differ("%s: declared as %s, in BuildKit %s", field.FullName(), a, b)
		}
	}
}

// shape is all of a field that decides its bytes.
func shape(field protoreflect.FieldDescriptor) string {
	typeName := protoreflect.FullName(field.Kind().String())
	switch {
	case field.IsMap():
		typeName = protoreflect.FullName(fmt.Sprintf("map<%s, %s>", shape(field.MapKey()), shape(field.MapValue())))
	case field.Message() != nil:
		typeName = field.Message().FullName()
	case field.Enum() != nil:
		typeName = field.Enum().FullName()
	}
	oneof := protoreflect.Name("none")
	if in := field.ContainingOneof(); in != nil {
		oneof = in.Name()
	}
	return fmt.Sprintf("%d %s %s packed=%t presence=%t oneof=%s",
		field.Number(), field.Cardinality(), typeName, field.IsPacked(), field.HasPresence(), oneof)
}

func (c *comparison) enum(ours, theirs protoreflect.EnumDescriptor) {
	for i := range ours.Values().Len() {
		value := ours.Values().Get(i)
		other := theirs.Values().ByName(value.Name())
		if other == nil || other.Number() != value.Number() {
			c.differ("%s: BuildKit has no such value with number %d", value.FullName(), value.Number())
			continue
		}
		c.values++
	}
}

func (c *comparison) service(ours protoreflect.ServiceDescriptor) {
	theirs, ok := find[protoreflect.ServiceDescriptor](c, ours)
	if !ok {
		return
	}
	for i := range ours.Methods().Len() {
		method := ours.Methods().Get(i)
		other := theirs.Methods().ByName(method.Name())
		if other == nil || signature(method) != signature(other) {
			c.differ("%s: BuildKit has no such method %s", method.FullName(), signature(method))
			continue
		}
		c.methods++
	}
}

func signature(method protoreflect.MethodDescriptor) string {
	return fmt.Sprintf("(%s stream=%t) returns (%s stream=%t)",
		method.Input().FullName(), method.IsStreamingClient(), method.Output().FullName(), method.IsStreamingServer())
}

// completeness looks for what BuildKit declares in the complete file and we do not.
func (c *comparison) completeness(ours *protoregistry.Files) {
	file, err := protoregistry.GlobalFiles.FindFileByPath(complete)
	if err != nil {
		c.differ("%s: BuildKit has no such file", complete)
		return
	}
	for i := range file.Enums().Len() {
		for j := range file.Enums().Get(i).Values().Len() {
			c.declared(ours, file.Enums().Get(i).Values().Get(j).FullName())
		}
	}
	for i := range file.Messages().Len() {
		message := file.Messages().Get(i)
		c.declared(ours, message.FullName())
		for j := range message.Fields().Len() {
			c.declared(ours, message.Fields().Get(j).FullName())
		}
	}
}

func (c *comparison) declared(ours *protoregistry.Files, name protoreflect.FullName) {
	if _, err := ours.FindDescriptorByName(name); err != nil {
		c.differ("%s: BuildKit has it, we do not declare it", name)
	}
}

package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// Bucket keeps each blob as an object of an S3 bucket.
type Bucket struct {
	client *s3.Client
	name   string
}

// NewBucket returns a bucket that exists. Nothing is sent. The client comes from package outbound.
func NewBucket(name, region string, credentials aws.CredentialsProvider, client *http.Client) *Bucket {
	return &Bucket{s3.New(s3.Options{Region: region, Credentials: credentials, HTTPClient: client, RetryMaxAttempts: 3}), name}
}

// Put implements Store. S3 refuses to write over an object, so a repetition, by the SDK too, finds what it wrote.
func (b *Bucket) Put(ctx context.Context, key string, content []byte) error {
	if err := errors.Join(Check(key), ctx.Err()); err != nil {
		return err
	}
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.name, Key: &key, Body: bytes.NewReader(content), IfNoneMatch: aws.String("*"), ContentType: aws.String(Type(key)),
	})
	if code(err) == "PreconditionFailed" {
		return same(ctx, b, key, content)
	}
	if err != nil {
		return fmt.Errorf("blob: put: %w", err)
	}
	return nil
}

// Get implements Store.
func (b *Bucket) Get(ctx context.Context, key string) (content []byte, err error) {
	if err := errors.Join(Check(key), ctx.Err()); err != nil {
		return nil, err
	}
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key})
	if code(err) == "NoSuchKey" {
		return nil, ErrAbsent
	}
	if err != nil {
		return nil, fmt.Errorf("blob: get: %w", err)
	}
	defer func() { err = errors.Join(err, out.Body.Close()) }()
	if content, err = io.ReadAll(out.Body); err != nil {
		return nil, fmt.Errorf("blob: get: %w", err)
	}
	return content, nil
}

// Delete implements Store.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := errors.Join(Check(key), ctx.Err()); err != nil {
		return err
	}
	if _, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key}); err != nil {
		return fmt.Errorf("blob: delete: %w", err)
	}
	return nil
}

// code is what S3 calls an error, "" if it did not answer.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

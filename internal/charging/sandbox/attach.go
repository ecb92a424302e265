package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/billingclerk/billingclerk/internal/charging"
)

// Attach puts a test card, such as "pm_card_visa", on file for a customer of the sandbox at url, which may be another
// process: a demo begins with cards on file. Within a day the same customer and card give the same method again.
func Attach(ctx context.Context, client *http.Client, url, key, customer, token string) (charging.Method, error) {
	request, err := http.NewRequestWithContext(ctx, post, url+"/v1/payment_methods/"+token+"/attach", strings.NewReader(query("customer", customer)))
	if err != nil {
		return charging.Method{}, fmt.Errorf("sandbox: attach a card: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Idempotency-Key", customer+":"+token)
	response, err := client.Do(request)
	if err != nil {
		return charging.Method{}, fmt.Errorf("sandbox: attach a card: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return charging.Method{}, fmt.Errorf("sandbox: attach a card: answered %d", response.StatusCode)
	}
	var pm PaymentMethod
	if err := json.NewDecoder(response.Body).Decode(&pm); err != nil {
		return charging.Method{}, fmt.Errorf("sandbox: attach a card: %w", err)
	}
	return charging.Method{Customer: string(pm.Customer), ID: pm.ID}, nil
}

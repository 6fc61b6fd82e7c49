-- What people look for: items in the order they are due, and the money that waits for a customer.
-- +goose Up

CREATE INDEX item_due ON item (entity_id, due_day, id);
CREATE INDEX holding_customer ON holding (entity_id, customer) WHERE reversed = 0;

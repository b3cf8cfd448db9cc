create table orders (
  id text primary key,
  customer text not null,
  receipt text
);

create table if not exists orders (id text primary key, customer text not null, receipt text);

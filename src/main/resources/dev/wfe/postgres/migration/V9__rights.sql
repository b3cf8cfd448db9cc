-- Roles that could work with the tables of before can work with what was added: who may insert
-- pointers may use the sequence of their positions, who may claim commands may write the claims, and
-- who may read commands may read them. Rights on single columns count as rights on the table.

do $$
declare
  added record;
begin
  for added in
    with rights as (
      select c.relname, acl.grantee, acl.privilege_type
      from pg_catalog.pg_class c
      cross join lateral (
        select a.grantee, a.privilege_type from pg_catalog.aclexplode(c.relacl) a
        union
        select a.grantee, a.privilege_type
        from pg_catalog.pg_attribute t cross join lateral pg_catalog.aclexplode(t.attacl) a
        where t.attrelid = c.oid and not t.attisdropped
      ) acl
      where c.relnamespace = '"${schema}"'::pg_catalog.regnamespace and c.relkind in ('r', 'p')
        and acl.grantee <> c.relowner
    )
    select privileges, object,
      case grantee when 0 then 'public'
        else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(grantee)) end as role
    from (
      select 'usage' as privileges, 'sequence "${schema}"."${prefix}execution_pointers_position_seq"'
          as object, grantee
        from rights where relname = '${prefix}execution_pointers' and privilege_type = 'INSERT'
      union
      select 'select, insert, update, delete', 'table "${schema}"."${prefix}command_claims"', grantee
        from rights where relname = '${prefix}scheduled_commands' and privilege_type = 'UPDATE'
      union
      select 'select', 'table "${schema}"."${prefix}command_claims"', grantee
        from rights where relname = '${prefix}scheduled_commands' and privilege_type = 'SELECT'
      union
      select 'select', 'table "${schema}"."${prefix}wfe_schema_history"', grantee
        from rights where relname = '${prefix}workflows' and privilege_type = 'SELECT'
    ) wanted
  loop
    execute pg_catalog.format('grant %s on %s to %s', added.privileges, added.object, added.role);
  end loop;
end
$$;

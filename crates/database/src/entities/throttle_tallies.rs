use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "throttle_tallies")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Vec<u8>,
    pub count: i64,
    pub since: i64,
    pub closed_until: i64,
    pub over_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}

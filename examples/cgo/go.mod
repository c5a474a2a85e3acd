module example.com/collate

go 1.26
